using System.Globalization;
using System.Net;

namespace JitsiMesh.Conformance.Tests;

/// <summary>A network namespace behind a firewall that lets some TCP ports of this machine through and nothing else: no UDP at all.</summary>
internal sealed class NarrowNetwork : IAsyncDisposable
{
    private readonly string _name;

    private NarrowNetwork(string name, IPAddress server)
    {
        _name = name;
        Server = server;
    }

    /// <summary>This machine as the network sees it.</summary>
    public IPAddress Server { get; }

    public static async Task<NarrowNetwork> CreateAsync(params int[] openPorts)
    {
        var id = Environment.ProcessId % 10_000;
        var block = Random.Shared.Next(1, 250);
        var name = string.Create(CultureInfo.InvariantCulture, $"mesh-narrow-{id}");
        var (outside, inside) = (string.Create(CultureInfo.InvariantCulture, $"mn{id}a"), string.Create(CultureInfo.InvariantCulture, $"mn{id}b"));
        var server = IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"10.213.{block}.1"));
        var ports = string.Join(',', openPorts.Select(port => port.ToString(CultureInfo.InvariantCulture)));
        var network = new NarrowNetwork(name, server);
        try
        {
            await IpAsync("netns", "add", name);
            await IpAsync("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name);
            await IpAsync("addr", "add", $"{server}/30", "dev", outside);
            await IpAsync("link", "set", outside, "up");
            await IpAsync("-n", name, "addr", "add", string.Create(CultureInfo.InvariantCulture, $"10.213.{block}.2/30"), "dev", inside);
            await IpAsync("-n", name, "link", "set", inside, "up");
            await IpAsync("-n", name, "link", "set", "lo", "up");
            foreach (var (chain, direction, match) in new[] { ("OUTPUT", "-o", "--dports"), ("INPUT", "-i", "--sports") })
            {
                await IpAsync("netns", "exec", name, "iptables", "-A", chain, direction, "lo", "-p", "tcp", "-j", "ACCEPT");
                await IpAsync("netns", "exec", name, "iptables", "-A", chain, "-p", "tcp", "-m", "multiport", match, ports, "-j", "ACCEPT");
                await IpAsync("netns", "exec", name, "iptables", "-A", chain, "-j", "DROP");
            }

            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>A command that runs a program inside.</summary>
    public (string Program, IReadOnlyList<string> Arguments) Inside(string program, params string[] arguments) => ("ip", ["netns", "exec", _name, program, .. arguments]);

    /// <summary>Packets that the firewall has dropped.</summary>
    public async Task<long> DroppedAsync()
    {
        var (_, text) = await Programs.RunAsync("ip", ["netns", "exec", _name, "iptables", "-nvxL", "OUTPUT"], "/", TimeSpan.FromSeconds(30));
        var line = text.Split('\n').Single(l => l.Contains(" DROP ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync() => await Programs.RunAsync("ip", ["netns", "del", _name], "/", TimeSpan.FromSeconds(30));

    private static async Task IpAsync(params string[] arguments)
    {
        var (code, output) = await Programs.RunAsync("ip", arguments, "/", TimeSpan.FromSeconds(30));
        if (code != 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {output}");
    }
}

/// <summary>
/// Tests that add and remove interfaces of this machine. A browser gives up its open requests and sockets when an interface comes or goes (ERR_NETWORK_CHANGED): no other browser runs beside
/// these tests.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class NetworksGroup
{
    public const string Name = "networks";
}
