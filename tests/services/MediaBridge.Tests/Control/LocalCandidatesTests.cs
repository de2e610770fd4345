using System.Net;
using JitsiMesh.MediaBridge.Control;
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
    [InlineData("172.18.0.5", "", true, "OwnNetwork")]
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
        Assert.Contains(reach == "Anywhere" ? "public address" : "JVB_ADVERTISE_IPS", Enum.Parse<CandidateReach>(reach).Describe(), StringComparison.Ordinal);
        foreach (var port in ports) port.Dispose();
    }
}
