using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Server;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>
/// The media addresses of the bridges that have reported themselves: the only peers of the relay. For a bridge behind NAT the relay uses its inner address where the edge reaches
/// it, since few NATs support hairpinning; the client still sees the offered address.
/// </summary>
internal sealed class BridgePeers(TimeProvider time) : ITurnPeers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Known> _bridges = new(StringComparer.Ordinal);
    private volatile Snapshot _snapshot = Snapshot.Empty;

    /// <summary>A peer of the address family, to find the route to the bridges; null when there is none.</summary>
    public TransportAddress? FirstOf(bool isIPv6)
    {
        foreach (var real in _snapshot.RealByOffered.Values)
        {
            if (real.IsIPv4 != isIPv6) return real;
        }

        return null;
    }

    public bool IsKnown(in TransportAddress address) => _snapshot.Addresses.Contains(address with { Port = 0 });

    public bool TryGetReal(in TransportAddress offered, out TransportAddress real) => _snapshot.RealByOffered.TryGetValue(offered, out real);

    public bool TryGetOffered(in TransportAddress real, out TransportAddress offered) => _snapshot.OfferedByReal.TryGetValue(real, out offered);

    /// <summary>Records a report; resolves the host name of the bridge if it is new.</summary>
    public async Task NoteAsync(BridgeStatusReported report, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_bridges.TryGetValue(report.BridgeId, out var known) && known.WebSocket == report.WebSocketAddress && known.Media.SequenceEqual(report.MediaAddresses))
            {
                known.Heard = now;
                return;
            }
        }

        var host = await MachineOfAsync(report.WebSocketAddress, cancellation);
        var pairs = Pairs(report.MediaAddresses, host);
        lock (_gate)
        {
            if (!_bridges.ContainsKey(report.BridgeId) && _bridges.Count >= BridgeDirectory.Capacity) return;
            _bridges[report.BridgeId] = new Known(report.WebSocketAddress, [.. report.MediaAddresses], pairs) { Heard = now };
            Publish();
        }
    }

    /// <summary>Removes silent bridges.</summary>
    public void Prune()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var silent = _bridges.Where(b => now - b.Value.Heard > BridgeDirectory.Lifetime).Select(b => b.Key).ToList();
            if (silent.Count == 0) return;
            foreach (var id in silent) _bridges.Remove(id);
            Publish();
        }
    }

    /// <summary>Maps each offered address to the address that the relay sends to.</summary>
    internal static List<(TransportAddress Offered, TransportAddress Real)> Pairs(IReadOnlyList<BridgeMediaAddress> media, BridgeMachine machine)
    {
        var pairs = new List<(TransportAddress, TransportAddress)>();
        var taken = new HashSet<TransportAddress>();
        foreach (var one in media.Take(TurnHostLimits.AddressesOfBridge))
        {
            if (!IPEndPoint.TryParse(one.Address, out var offered) || !IsPeer(offered, machine)) continue;
            var address = TransportAddress.From(offered);
            var real = address;

            // An inner address can stand for one offered address only: packets from it could not be attributed otherwise.
            if (IPEndPoint.TryParse(one.Inner, out var inner) && inner.Port != 0 && machine.Reaches(inner.Address) && inner.AddressFamily == offered.AddressFamily) real = TransportAddress.From(inner);
            if (!taken.Add(real)) real = address;
            pairs.Add((address, real));
        }

        return pairs;
    }

    private static bool IsPeer(IPEndPoint offered, BridgeMachine machine)
    {
        var address = offered.Address;
        if (offered.Port == 0 || address.IsIPv4MappedToIPv6 || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Broadcast)) return false;

        // Loopback of another machine would be the loopback of this one here.
        if (IPAddress.IsLoopback(address)) return machine.IsThis;
        return address.AddressFamily == AddressFamily.InterNetwork
            ? address.GetAddressBytes() is not ([169, 254, ..] or [>= 224, ..] or [0, ..])
            : !address.IsIPv6LinkLocal && !address.IsIPv6Multicast;
    }

    private static async Task<BridgeMachine> MachineOfAsync(string webSocket, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(webSocket, UriKind.Absolute, out var uri)) return BridgeMachine.Unknown;
        IPAddress[] addresses;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(TurnHostLimits.NameTime);
            addresses = IPAddress.TryParse(uri.Host.Trim('[', ']'), out var literal) ? [literal] : await Dns.GetHostAddressesAsync(uri.Host, limit.Token);
        }
        catch (Exception e) when (e is SocketException or ArgumentException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return BridgeMachine.Unknown;
        }

        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address).ToList();
        return new BridgeMachine(addresses, own);
    }

    private void Publish()
    {
        var real = new Dictionary<TransportAddress, TransportAddress>();
        var offered = new Dictionary<TransportAddress, TransportAddress>();
        foreach (var pair in _bridges.Values.SelectMany(b => b.Pairs))
        {
            // If two bridges have the same address, the first entry counts.
            if (real.TryAdd(pair.Offered, pair.Real)) offered.TryAdd(pair.Real, pair.Offered);
        }

        _snapshot = new Snapshot(real, offered, real.Keys.Select(a => a with { Port = 0 }).ToHashSet());
    }

    private sealed class Known(string webSocket, BridgeMediaAddress[] media, List<(TransportAddress Offered, TransportAddress Real)> pairs)
    {
        public string WebSocket { get; } = webSocket;

        public BridgeMediaAddress[] Media { get; } = media;

        public List<(TransportAddress Offered, TransportAddress Real)> Pairs { get; } = pairs;

        public DateTimeOffset Heard { get; set; }
    }

    private sealed record Snapshot(Dictionary<TransportAddress, TransportAddress> RealByOffered, Dictionary<TransportAddress, TransportAddress> OfferedByReal, HashSet<TransportAddress> Addresses)
    {
        public static readonly Snapshot Empty = new([], [], []);
    }
}

/// <summary>The machine of a bridge, as the edge reaches it for the bridge's WebSocket: an address that is reachable by TCP there is reachable by UDP.</summary>
/// <param name="addresses">Of its host name.</param>
/// <param name="own">Of the edge's machine.</param>
internal sealed class BridgeMachine(IReadOnlyList<IPAddress> addresses, IReadOnlyList<IPAddress> own)
{
    public static readonly BridgeMachine Unknown = new([], []);

    /// <summary>Whether it is the edge's own machine.</summary>
    public bool IsThis { get; } = addresses.Any(a => IPAddress.IsLoopback(a) || own.Contains(a));

    public bool Reaches(IPAddress inner) => addresses.Contains(inner) || (IsThis && (IPAddress.IsLoopback(inner) || own.Contains(inner)));
}
