using System.Net;
using System.Runtime.Versioning;
using JitsiMesh.Headless.Media;
using JitsiMesh.Headless.Sockets;

namespace JitsiMesh.MediaBridge.Tests.Networks;

/// <summary>Networks as people have them: a bridge behind NAT, a firewall that lets no UDP through, no IPv4.</summary>
[SupportedOSPlatform("linux")]
public sealed class NamespaceTests
{
    private static readonly IPAddress Outside = IPAddress.Parse("203.0.113.9");
    private static readonly IPAddress Inside = IPAddress.Parse("10.77.1.2");

    [NamespaceFact("turnserver")]
    public async Task Behind_nat_the_bridge_learns_its_public_address_from_coturn_and_people_outside_get_media_there()
    {
        using var networks = BehindNat("masquerade");
        using var bridge = networks.Run("inside", () => Bridge(o => o.StunServers = [new StunServer("203.0.113.9", 3478)]));
        await bridge.Runtime.AddressKnown.WaitAsync(TimeSpan.FromSeconds(15));
        var offered = await bridge.OfferedAsync();
        Assert.Contains("udp 10.77.1.2:10000 Host", offered);
        Assert.Contains("udp 203.0.113.1:10000 ServerReflexive", offered);

        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Udp, Outside, Enter(networks, "outside"));
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp, Outside, Enter(networks, "outside"));
        await bridge.AssertFlowsAsync(a, b);
        Assert.Equal("203.0.113.1:10000", bridge.Runner.Invoke(now => a.TryGetSelectedPair(out _, out var remote) ? remote.ToString() : ""));
        Assert.Contains(bridge.Log, line => line.Contains("UDP 203.0.113.1:10000 (public, learnt)", StringComparison.Ordinal) && line.Contains("UDP 10.77.1.2:10000 (private", StringComparison.Ordinal));
    }

    [NamespaceFact("turnserver")]
    public async Task Nat_that_changes_ports_is_offered_with_both_and_told_of_when_each_server_sees_another()
    {
        using var networks = BehindNat("masquerade fully-random");
        using var bridge = networks.Run("inside", () => Bridge(o => o.StunServers = [new StunServer("203.0.113.9", 3478), new StunServer("203.0.113.9", 3480)]));
        Assert.True(await bridge.Runner.WaitAsync(() => bridge.Log.Any(l => l.Contains("another port", StringComparison.Ordinal)), TimeSpan.FromSeconds(30)), string.Join('\n', bridge.Log));
        var mapped = (await bridge.OfferedAsync()).Where(o => o.EndsWith("ServerReflexive", StringComparison.Ordinal)).ToList();
        Assert.Contains("udp 203.0.113.1:10000 ServerReflexive", mapped);
        Assert.Equal(3, mapped.Count);
    }

    [NamespaceFact]
    public async Task A_stun_server_that_is_silent_delays_nothing_and_is_told_of_once()
    {
        using var networks = BehindNat("masquerade");
        using var bridge = networks.Run("inside", () => Bridge(o => o.StunServers = [new StunServer("203.0.113.9", 9)]));
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Udp, Inside, Enter(networks, "inside"));
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp, Inside, Enter(networks, "inside"));
        await bridge.AssertFlowsAsync(a, b);
        await bridge.Runtime.AddressKnown.WaitAsync(TimeSpan.FromSeconds(15));
        Assert.Single(bridge.Log, line => line.StartsWith("Warning: JVB_STUN_SERVERS: 203.0.113.9:9", StringComparison.Ordinal));
    }

    [NamespaceFact]
    public async Task With_all_udp_dropped_a_call_goes_over_tcp_4443_within_ten_seconds()
    {
        using var networks = new NetworkNamespaces("server", "client");
        networks.Connect("server", "203.0.113.1/24", "client", "203.0.113.9/24");
        networks.Filter("server", """
            table inet filter {
              chain input { type filter hook input priority 0; policy drop; iif lo accept; tcp dport 4443 accept; }
              chain output { type filter hook output priority 0; policy accept; meta l4proto udp drop; }
            }
            """);
        using var bridge = networks.Run("server", () => new RealBridge(o =>
        {
            o.BindAddresses = [IPAddress.Parse("203.0.113.1")];
            o.Port = 10000;
            o.TcpPort = 4443;
        }));
        var began = Environment.TickCount64;
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Udp | MediaWays.Tcp, Outside, Enter(networks, "client"));
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Udp | MediaWays.SslTcp, Outside, Enter(networks, "client"));
        Assert.True(await bridge.Runner.WaitAsync(() => RealBridge.Count(a) is { Audio: > 0, Frames: > 0 } && RealBridge.Count(b) is { Audio: > 0, Frames: > 0 }, RealBridge.Patience), await bridge.DebugAsync());
        Assert.InRange(Environment.TickCount64 - began, 0, 10_000);
        Assert.True(bridge.IsOverTcp(a) && bridge.IsOverTcp(b));
        await bridge.AssertFlowsAsync(a, b);
    }

    [NamespaceFact]
    public async Task Where_there_is_no_ipv4_the_bridge_finds_its_ipv6_address_and_a_call_goes_over_it_by_udp_and_tcp()
    {
        using var networks = new NetworkNamespaces("server", "client");
        networks.Connect("server", "2001:db8:77::1/64", "client", "2001:db8:77::9/64");
        using var bridge = networks.Run("server", () => new RealBridge(o =>
        {
            o.BindAddresses = [];
            o.Port = 10000;
            o.TcpPort = 4443;
            o.AdvertiseAddresses = [new AdvertisedAddress(IPAddress.Parse("198.51.100.7"), 0)];
        }));
        Assert.Contains("udp [2001:db8:77::1]:10000 Host", await bridge.OfferedAsync());
        var client = IPAddress.Parse("2001:db8:77::9");
        var a = await bridge.JoinAsync("aaaa0001", MediaWays.Udp, client, Enter(networks, "client"));
        var b = await bridge.JoinAsync("bbbb0002", MediaWays.Tcp, client, Enter(networks, "client"));
        await bridge.AssertFlowsAsync(a, b);
        Assert.Contains(bridge.Log, line => line.StartsWith("Warning: JVB_ADVERTISE_IPS: 198.51.100.7 is not offered", StringComparison.Ordinal));
    }

    /// <summary>A bridge at 10.77.1.2 behind a router at 203.0.113.1, which forwards port 10000 to it, and the world at 203.0.113.9 with coturn.</summary>
    private static NetworkNamespaces BehindNat(string translation)
    {
        var networks = new NetworkNamespaces("inside", "router", "outside");
        networks.Connect("inside", "10.77.1.2/24", "router", "10.77.1.1/24");
        networks.Connect("router", "203.0.113.1/24", "outside", "203.0.113.9/24");
        networks.In("inside", "ip route add default via 10.77.1.1");
        networks.In("router", "sysctl -qw net.ipv4.ip_forward=1");
        networks.Filter("router", $$"""
            table ip nat {
              chain out { type nat hook postrouting priority 100; ip saddr 10.77.1.0/24 oif cable1a {{translation}}; }
              chain in { type nat hook prerouting priority -100; iif cable1a udp dport 10000 dnat to 10.77.1.2; }
            }
            """);
        if (File.Exists("/usr/bin/turnserver"))
        {
            foreach (var port in new[] { "3478", "3480" }) networks.Start("outside", "turnserver", "-n", "--stun-only", "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--listening-ip", "203.0.113.9", "--listening-port", port, "--pidfile", $"/tmp/jm-turnserver-{port}.pid");
        }

        return networks;
    }

    private static RealBridge Bridge(Action<MediaBridgeOptions> configure) => new(o =>
    {
        o.BindAddresses = [Inside];
        o.Port = 10000;
        o.TcpPort = null;
        configure(o);
    });

    private static Func<Func<Task<HeadlessEndpoint>>, Task<HeadlessEndpoint>> Enter(NetworkNamespaces networks, string name) => open => networks.Run(name, open);
}
