using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.EdgeProxy.Limits;

/// <summary>
/// Bounds the requests and WebSockets in flight of one client address, which is the one that a trusted proxy tells. A trusted proxy that tells none
/// may stand for many people and is not bounded.
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

    /// <summary>False when the address has as many as it may; otherwise <see cref="Leave"/> follows.</summary>
    public bool TryEnter(IPAddress address)
    {
        var key = ConnectionLimiter.Key(address);
        if (_byAddress.AddOrUpdate(key, 1, static (_, n) => n + 1) <= _most || ConnectionLimiter.IsAmong(_trusted, address)) return true;
        Leave(address);
        Refused.Add(1, new KeyValuePair<string, object?>("limit", "address"));
        return false;
    }

    public void Leave(IPAddress address)
    {
        var key = ConnectionLimiter.Key(address);
        if (_byAddress.AddOrUpdate(key, 0, static (_, n) => n - 1) <= 0) _byAddress.TryRemove(KeyValuePair.Create(key, 0));
    }
}
