using System.Net;
using JitsiMesh.MediaBridge.Discovery;
using JitsiMesh.MediaBridge.Tests.Conferences;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Control;

public sealed class LocalCandidatesTests
{
    [Theory]
    // Advertised | private ones too | offered by a bridge at 172.18.0.5 and 127.0.0.1
    [InlineData("", true, "172.18.0.5:10000 127.0.0.1:10000")]
    [InlineData("", false, "")]
    [InlineData("203.0.113.5", false, "203.0.113.5:10000")]
    [InlineData("127.0.0.1", false, "127.0.0.1:10000")]
    [InlineData("172.18.0.5 203.0.113.5", false, "172.18.0.5:10000 203.0.113.5:10000")]
    [InlineData("192.168.1.20", false, "192.168.1.20:10000")]
    public void What_an_operator_advertises_is_offered_whatever_is_done_with_private_addresses(string advertised, bool showPrivate, string offered)
    {
        var options = new MediaBridgeOptions
        {
            AdvertiseAddresses = [.. advertised.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => new AdvertisedAddress(IPAddress.Parse(a), 0))],
            AdvertisePrivateCandidates = showPrivate,
        };
        using var container = new FakePort(TransportAddress.From(IPEndPoint.Parse("172.18.0.5:10000")));
        using var loopback = new FakePort(TransportAddress.From(IPEndPoint.Parse("127.0.0.1:10000")));
        var candidates = new LocalCandidates(options, [container, loopback]).For(mayKnowPrivate: false, generation: 0);
        Assert.Equal(offered, string.Join(' ', candidates.Select(c => c.Address.ToString())));
    }

    [Theory]
    // Local | advertised | private ones too | reachable from
    [InlineData("172.18.0.5", "", true, "ContainerNetwork")]
    [InlineData("172.18.0.5 192.168.1.20", "", true, "OwnNetwork")]
    [InlineData("192.168.1.20 127.0.0.1", "", true, "OwnNetwork")]
    [InlineData("100.64.7.1", "", true, "OwnNetwork")]
    [InlineData("169.254.10.1", "", true, "OwnNetwork")]
    [InlineData("172.18.0.5", "", false, "Nowhere")]
    [InlineData("127.0.0.1", "", true, "ThisMachine")]
    [InlineData("172.18.0.5", "192.168.1.20", true, "OwnNetwork")]
    [InlineData("172.18.0.5", "127.0.0.1", false, "ThisMachine")]
    [InlineData("172.18.0.5", "203.0.113.5", true, "Anywhere")]
    [InlineData("172.32.0.5", "", false, "Anywhere")]
    [InlineData("2001:db8::5", "", true, "Anywhere")]
    [InlineData("fd00::5", "", true, "OwnNetwork")]
    public void From_where_it_can_be_reached_is_said_by_what_is_offered(string local, string advertised, bool showPrivate, string reach)
    {
        var options = new MediaBridgeOptions
        {
            AdvertiseAddresses = [.. advertised.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => new AdvertisedAddress(IPAddress.Parse(a), 0))],
            AdvertisePrivateCandidates = showPrivate,
        };
        var ports = local.Split(' ').Select(a => new FakePort(TransportAddress.From(new IPEndPoint(IPAddress.Parse(a), 10000)))).ToArray();

        Assert.Equal(reach, new LocalCandidates(options, ports).Reach.ToString());
        Assert.Contains(reach == "Anywhere" ? "no firewall" : "JVB_ADVERTISE_IPS", Enum.Parse<AddressReach>(reach).Describe(), StringComparison.Ordinal);
        foreach (var port in ports) port.Dispose();
    }

    [Theory]
    // Local | advertised | learnt for the first | mapped TCP port | private ones too | offered by UDP | offered by TCP
    [InlineData("192.168.1.20", "", "", 0, true, "192.168.1.20:10000", "tcp 192.168.1.20:4443, ssltcp 192.168.1.20:4443")]
    [InlineData("192.168.1.20", "", "203.0.113.5:10000", 0, true, "192.168.1.20:10000 203.0.113.5:10000", "tcp 203.0.113.5:4443, tcp 192.168.1.20:4443, ssltcp 203.0.113.5:4443, ssltcp 192.168.1.20:4443")]
    [InlineData("192.168.1.20", "", "203.0.113.5:40001", 0, false, "203.0.113.5:40001 203.0.113.5:10000", "tcp 203.0.113.5:4443, ssltcp 203.0.113.5:4443")]
    [InlineData("192.168.1.20", "", "192.168.1.20:10000", 0, true, "192.168.1.20:10000", "tcp 192.168.1.20:4443, ssltcp 192.168.1.20:4443")]
    [InlineData("172.18.0.5", "203.0.113.5#10001", "", 443, false, "203.0.113.5:10001", "tcp 203.0.113.5:4443, ssltcp 203.0.113.5:4443, ssltcp 203.0.113.5:443, tcp 203.0.113.5:443")]
    [InlineData("192.168.1.20", "2001:db8::1", "", 0, true, "192.168.1.20:10000", "tcp 192.168.1.20:4443, ssltcp 192.168.1.20:4443")]
    [InlineData("fd00::5", "2001:db8::1#10001", "", 0, false, "[2001:db8::1]:10001", "tcp [2001:db8::1]:4443, ssltcp [2001:db8::1]:4443")]
    public void What_is_learnt_and_what_listens_by_tcp_is_offered_beside(string local, string advertised, string learned, int mappedPort, bool showPrivate, string udp, string tcp)
    {
        var options = new MediaBridgeOptions
        {
            AdvertiseAddresses = [.. advertised.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a.Split('#')).Select(a => new AdvertisedAddress(IPAddress.Parse(a[0]), a.Length > 1 ? int.Parse(a[1], System.Globalization.CultureInfo.InvariantCulture) : 0))],
            AdvertisePrivateCandidates = showPrivate,
            TcpMappedPort = mappedPort,
        };
        using var port = new FakePort(TransportAddress.From(new IPEndPoint(IPAddress.Parse(local), 10000)));
        using var listening = new FakePort(TransportAddress.From(new IPEndPoint(IPAddress.Parse(local), 4443)) with { IsTcp = true });
        var candidates = new LocalCandidates(options, [port, listening]);
        if (learned.Length > 0) candidates.SetLearned([new(TransportAddress.From(IPEndPoint.Parse(learned)), port.Local)]);

        var offered = candidates.For(mayKnowPrivate: false, generation: 3).ToList();
        Assert.Equal(udp, string.Join(' ', offered.Where(c => !c.Address.IsTcp).Select(c => c.Address)));
        Assert.Equal(tcp, string.Join(", ", offered.Where(c => c.Address.IsTcp).Select(c => $"{c.Protocol} {c.Address.ToIPEndPoint()}")));
        Assert.All(offered, c => Assert.Equal((3, c.Address.IsTcp ? "passive" : null), (c.Generation, c.TcpType)));
        Assert.True(offered.Where(c => c.Address.IsTcp).All(t => offered.Where(u => !u.Address.IsTcp).All(u => u.Priority > t.Priority)));
        Assert.Equal(offered.Count, offered.Select(c => c.Id).Distinct().Count());
        if (!showPrivate) Assert.DoesNotContain(offered, c => c.RelatedAddress is { } related && AddressReaches.IsPrivate(related));
        Assert.Equal(advertised.Contains(':') && !local.Contains(':') ? ["2001:db8::1"] : [], candidates.Unusable);

        // The agent knows sockets alone.
        Assert.Equal([port.Local, listening.Local], candidates.Sockets.Select(c => c.Base));
    }

    [Fact]
    public void The_line_at_the_start_names_each_address_and_who_can_reach_it()
    {
        using var container = new FakePort(TransportAddress.From(IPEndPoint.Parse("172.18.0.5:10000")));
        using var loopback = new FakePort(TransportAddress.From(IPEndPoint.Parse("127.0.0.1:10000")));
        using var listening = new FakePort(TransportAddress.From(IPEndPoint.Parse("172.18.0.5:4443")) with { IsTcp = true });
        var candidates = new LocalCandidates(new MediaBridgeOptions(), [container, loopback, listening]);
        var verdict = candidates.Verdict();
        Assert.True(verdict.IsWarning);
        Assert.Contains("most likely reachable from this machine alone", verdict.Text, StringComparison.Ordinal);
        Assert.EndsWith("Offered: UDP 172.18.0.5:10000 (a container network's: most likely this machine alone), UDP 127.0.0.1:10000 (loopback: this machine alone), TCP 172.18.0.5:4443 (a container network's: most likely this machine alone)", verdict.Text, StringComparison.Ordinal);

        candidates.SetLearned([new(TransportAddress.From(IPEndPoint.Parse("203.0.113.5:10000")), container.Local)]);
        verdict = candidates.Verdict();
        Assert.False(verdict.IsWarning);
        Assert.StartsWith("Media is reachable from anywhere that no firewall keeps out. Offered: ", verdict.Text, StringComparison.Ordinal);
        Assert.Contains("UDP 203.0.113.5:10000 (public, learnt)", verdict.Text, StringComparison.Ordinal);
    }
}
