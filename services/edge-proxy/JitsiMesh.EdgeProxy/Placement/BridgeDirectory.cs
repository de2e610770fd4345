using System.Collections.Concurrent;
using JitsiMesh.Contracts.Bus;

namespace JitsiMesh.EdgeProxy.Placement;

/// <summary>The bridges that have reported themselves, with their WebSocket addresses.</summary>
internal sealed class BridgeDirectory(TimeProvider time)
{
    /// <summary>A bridge that has been silent for this long gets no new connections; bridges report every few seconds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>The most bridges that are kept. Reports of further ones are ignored: no real mesh is that large, but a bug might invent ids.</summary>
    public const int Capacity = 4096;

    private readonly ConcurrentDictionary<string, (BridgeStatusReported Report, DateTimeOffset Heard)> _bridges = new(StringComparer.Ordinal);

    public void Note(BridgeStatusReported report)
    {
        var now = time.GetUtcNow();
        if (_bridges.Count >= Capacity && !_bridges.ContainsKey(report.BridgeId))
        {
            foreach (var (id, known) in _bridges)
            {
                if (now - known.Heard > Lifetime) _bridges.TryRemove(KeyValuePair.Create(id, known));
            }

            if (_bridges.Count >= Capacity) return;
        }

        _bridges.AddOrUpdate(report.BridgeId, (report, now), (_, known) => IsNewer(report, known.Report) ? (report, now) : known);
    }

    /// <summary><c>http://host:port</c>, or null for a bridge that is unknown, silent, or has no WebSocket.</summary>
    public string? WebSocketAddress(string bridgeId) =>
        _bridges.TryGetValue(bridgeId, out var known) && time.GetUtcNow() - known.Heard <= Lifetime && known.Report.WebSocketAddress.Length > 0 ? known.Report.WebSocketAddress : null;

    private static bool IsNewer(BridgeStatusReported report, BridgeStatusReported known) =>
        report.StartedAt > known.StartedAt || (report.StartedAt == known.StartedAt && report.Number > known.Number);
}
