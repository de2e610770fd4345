using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Connections;

namespace JitsiMesh.EdgeProxy.Limits;

/// <summary>
/// Limits open connections, in total and by address. A connection beyond the limit is closed before TLS begins, and counted. Behind a trusted proxy every client
/// has the proxy's address, so that the limit by address does not apply there.
/// </summary>
internal sealed class ConnectionLimiter(MeshSettings settings)
{
    private static readonly Meter Meter = new("JitsiMesh.EdgeProxy");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>("jitsimesh.edge.connections.refused", description: "Connections closed because a limit was reached");

    private readonly int _most = settings.MaxConnections;
    private readonly int _mostOfOne = settings.Get(KnownSettings.MaxConnectionsPerAddress);
    private readonly IReadOnlyList<IPNetwork> _trusted = settings.Get(KnownSettings.TrustedProxies);
    private readonly ConcurrentDictionary<IPAddress, int> _byAddress = new();
    private int _all;

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!TryEnter(address, out var reason))
        {
            Refused.Add(1, new KeyValuePair<string, object?>("limit", reason));
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            Leave(address);
        }
    }

    internal bool TryEnter(IPAddress address, out string reason)
    {
        reason = "";
        if (Interlocked.Increment(ref _all) > _most)
        {
            Interlocked.Decrement(ref _all);
            reason = "all";
            return false;
        }

        if (_byAddress.AddOrUpdate(ClientNetwork.Of(address), 1, static (_, n) => n + 1) <= _mostOfOne || IsAmong(_trusted, address)) return true;
        Leave(address);
        reason = "address";
        return false;
    }

    internal void Leave(IPAddress address)
    {
        Interlocked.Decrement(ref _all);
        var key = ClientNetwork.Of(address);
        if (_byAddress.AddOrUpdate(key, 0, static (_, n) => n - 1) <= 0) _byAddress.TryRemove(KeyValuePair.Create(key, 0));
    }

    /// <summary>Compares the whole address: a network may be a single address, and its neighbours in the /64 are not part of it.</summary>
    internal static bool IsAmong(IReadOnlyList<IPNetwork> networks, IPAddress address)
    {
        var whole = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.Contains(whole));
    }
}
