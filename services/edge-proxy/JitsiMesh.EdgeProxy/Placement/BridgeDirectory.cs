using System.Collections.Concurrent;
using JitsiMesh.Contracts.Bus;
using MassTransit;

namespace JitsiMesh.EdgeProxy.Placement;

/// <summary>The bridges that have reported themselves, and where their WebSockets are.</summary>
internal sealed class BridgeDirectory(TimeProvider time)
{
    /// <summary>A bridge that has been silent for this long is not connected to any more; it reports every few seconds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <summary>Bridges that are remembered. Reports of further ones are ignored: there is no such mesh, but there may be a fault that invents ids.</summary>
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

    /// <summary><c>http://host:port</c>, or null for a bridge that is not known, silent, or has no WebSocket.</summary>
    public string? WebSocketAddress(string bridgeId) =>
        _bridges.TryGetValue(bridgeId, out var known) && time.GetUtcNow() - known.Heard <= Lifetime && known.Report.WebSocketAddress.Length > 0 ? known.Report.WebSocketAddress : null;

    private static bool IsNewer(BridgeStatusReported report, BridgeStatusReported known) =>
        report.StartedAt > known.StartedAt || (report.StartedAt == known.StartedAt && report.Number > known.Number);
}

internal sealed class BridgeDirectoryConsumer(BridgeDirectory directory) : IConsumer<BridgeStatusReported>
{
    public Task Consume(ConsumeContext<BridgeStatusReported> context)
    {
        directory.Note(context.Message);
        return Task.CompletedTask;
    }
}
