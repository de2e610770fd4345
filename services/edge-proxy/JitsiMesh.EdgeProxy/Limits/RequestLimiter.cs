using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.EdgeProxy.Limits;

/// <summary>
/// Limits the requests and WebSockets in flight of one client address, as reported by a trusted proxy. A trusted proxy that reports no client address
/// may stand for many clients and is not limited.
/// </summary>
internal sealed class RequestLimiter(MeshSettings settings)
{
    private static readonly Meter Meter = new("JitsiMesh.EdgeProxy");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("jitsimesh.edge.requests.refused", description: "Requests refused because a limit was reached");

    private readonly int _most = settings.Get(KnownSettings.MaxConnectionsPerAddress) * EdgeLimits.RequestsOfConnectionLimit;
    private readonly IReadOnlyList<IPNetwork> _trusted = settings.Get(KnownSettings.TrustedProxies);
    private readonly ConcurrentDictionary<IPAddress, int> _byAddress = new();

    /// <summary>Addresses with requests in flight.</summary>
    public int Addresses => _byAddress.Count;

    /// <summary>False when the address is at its limit; otherwise the caller must call <see cref="Leave"/> afterwards.</summary>
    public bool TryEnter(IPAddress address)
    {
        var key = ClientNetwork.Of(address);
        if (_byAddress.AddOrUpdate(key, 1, static (_, n) => n + 1) <= _most || ConnectionLimiter.IsAmong(_trusted, address)) return true;
        Leave(address);
        Refused.Add(1, new KeyValuePair<string, object?>("limit", "address"));
        return false;
    }

    public void Leave(IPAddress address)
    {
        var key = ClientNetwork.Of(address);
        if (_byAddress.AddOrUpdate(key, 0, static (_, n) => n - 1) <= 0) _byAddress.TryRemove(KeyValuePair.Create(key, 0));
    }
}
