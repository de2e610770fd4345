using System.Net;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.EdgeProxy.Turn;
using JitsiMesh.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.EdgeProxy.Tests.Turn;

public sealed class BridgePeersTests
{
    private static readonly IReadOnlyList<IPAddress> Own = [IPAddress.Loopback, IPAddress.Parse("10.0.0.9")];

    [Theory]
    // A container beside the edge's: its host name leads to its inner address.
    [InlineData("172.18.0.5", "203.0.113.4:10000|172.18.0.5:10000", "203.0.113.4:10000>172.18.0.5:10000")]
    // A bridge of another site, whose inner address means something else here.
    [InlineData("198.51.100.7", "203.0.113.4:10000|172.18.0.5:10000", "203.0.113.4:10000")]
    // The edge's own machine.
    [InlineData("127.0.0.1", "203.0.113.4:443|10.0.0.9:10000", "203.0.113.4:443>10.0.0.9:10000")]
    [InlineData("127.0.0.1", "203.0.113.4:443|10.0.0.8:10000", "203.0.113.4:443")]
    [InlineData("10.0.0.9", "127.0.0.1:10000|", "127.0.0.1:10000")]
    // Loopback of another machine would be the edge's.
    [InlineData("172.18.0.5", "127.0.0.1:10000|", "")]
    [InlineData("172.18.0.5", "[::1]:10000|", "")]
    // One inner address can be told apart from one alone.
    [InlineData("172.18.0.5", "203.0.113.4:10000|172.18.0.5:10000 192.168.1.9:10000|172.18.0.5:10000", "203.0.113.4:10000>172.18.0.5:10000 192.168.1.9:10000")]
    [InlineData("172.18.0.5", "169.254.169.254:80| 0.0.0.0:1| 224.0.0.1:1| 255.255.255.255:1| [fe80::1]:1| [ff02::1]:1| 10.0.0.5:0| nonsense| [::ffff:127.0.0.1]:1|", "")]
    [InlineData("172.18.0.5", "[2001:db8::1]:10000|172.18.0.5:10000", "[2001:db8::1]:10000")]
    public void An_address_is_sent_to_inside_where_the_edge_reaches_that(string host, string media, string expected)
    {
        var addresses = media.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(m => m.Split('|')).Select(m => new BridgeMediaAddress { Address = m[0], Inner = m[1] }).ToList();
        var pairs = BridgePeers.Pairs(addresses, new BridgeMachine([IPAddress.Parse(host)], Own));
        Assert.Equal(expected, string.Join(' ', pairs.Select(p => p.Offered == p.Real ? p.Offered.ToString() : $"{p.Offered}>{p.Real}")));
    }

    [Fact]
    public async Task A_silent_bridge_is_reached_no_more_and_a_moved_one_where_it_is_now()
    {
        var time = new FakeTimeProvider();
        var peers = new BridgePeers(time);
        var old = TransportAddress.From(IPAddress.Parse("203.0.113.4"), 10000);
        var now = TransportAddress.From(IPAddress.Parse("203.0.113.5"), 10000);
        await peers.NoteAsync(Report("203.0.113.4:10000"), CancellationToken.None);
        Assert.True(peers.IsKnown(old with { Port = 1 }));
        Assert.True(peers.TryGetReal(old, out var real));
        Assert.Equal(old, real);
        Assert.False(peers.TryGetReal(old with { Port = 22 }, out _));
        await peers.NoteAsync(Report("203.0.113.5:10000"), CancellationToken.None);
        Assert.False(peers.IsKnown(old));
        Assert.True(peers.TryGetOffered(now, out _));
        time.Advance(BridgeDirectory.Lifetime - TimeSpan.FromSeconds(1));
        await peers.NoteAsync(Report("203.0.113.5:10000"), CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(2));
        peers.Prune();
        Assert.True(peers.IsKnown(now));
        time.Advance(BridgeDirectory.Lifetime);
        peers.Prune();
        Assert.False(peers.IsKnown(now));
        Assert.Null(peers.FirstOf(isIPv6: false));
    }

    [Fact]
    public async Task A_bridge_has_so_many_addresses_and_a_name_that_leads_nowhere_maps_none()
    {
        var peers = new BridgePeers(TimeProvider.System);
        await peers.NoteAsync(Report([.. Enumerable.Range(1, 200).Select(i => $"203.0.113.{i}:10000")]) with { WebSocketAddress = "http://no-such-host.invalid:8080" }, CancellationToken.None);
        Assert.Equal(TurnHostLimits.AddressesOfBridge, Enumerable.Range(1, 200).Count(i => peers.IsKnown(TransportAddress.From(IPAddress.Parse($"203.0.113.{i}"), 0))));
        await peers.NoteAsync(Report() with { BridgeId = "jvb-2", WebSocketAddress = "" }, CancellationToken.None);
    }

    private static BridgeStatusReported Report(params string[] addresses) => new()
    {
        BridgeId = "jvb-1",
        Number = 1,
        StartedAt = DateTimeOffset.UnixEpoch,
        ControlAddress = "http://172.18.0.5:8081",
        WebSocketAddress = "http://172.18.0.5:8080",
        MediaAddresses = [.. addresses.Select(a => new BridgeMediaAddress { Address = a })],
    };
}
