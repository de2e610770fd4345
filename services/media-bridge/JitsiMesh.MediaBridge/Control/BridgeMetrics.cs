using System.Diagnostics.Metrics;
using JitsiMesh.MediaBridge.Conferences;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>The bridge's instruments, read from its counters when asked.</summary>
internal sealed class BridgeMetrics(MediaBridgeRuntime runtime) : IDisposable
{
    private readonly Meter _meter = new("JitsiMesh.MediaBridge");

    /// <summary>Makes the instruments; without it there are none.</summary>
    public void Start()
    {
        _meter.CreateObservableGauge("jitsi_jvb_conferences", () => runtime.Shard?.Conferences.Count ?? 0);
        _meter.CreateObservableGauge("jitsi_jvb_current_endpoints", () => runtime.Shard?.EndpointCount ?? 0);
        _meter.CreateObservableGauge("jitsi_jvb_stress", () => runtime.Load.Stress);
        _meter.CreateObservableGauge("jitsi_jvb_healthy", () => runtime.IsRunning ? 1 : 0);
        _meter.CreateObservableGauge("jitsi_jvb_drain_mode", () => runtime.Draining ? 1 : 0);
        _meter.CreateObservableCounter("jitsi_jvb_conferences_created", () => runtime.Shard?.Counters.ConferencesCreated ?? 0);
        _meter.CreateObservableCounter("jitsi_jvb_conferences_completed", () => runtime.Shard?.Counters.ConferencesEnded ?? 0);
        _meter.CreateObservableCounter("jitsi_jvb_endpoints", () => runtime.Shard?.Counters.EndpointsCreated ?? 0);
        _meter.CreateObservableCounter("jitsi_jvb_endpoints_ice_failed", () => runtime.Shard?.Counters.IceFailed ?? 0);
        _meter.CreateObservableCounter("jitsi_jvb_endpoints_dtls_failed", () => runtime.Shard?.Counters.DtlsFailed ?? 0);
        _meter.CreateObservableCounter("jitsi_jvb_packets_received", () => Sum(runtime.Shard, c => c.DatagramsReceived));
        _meter.CreateObservableCounter("jitsi_jvb_packets_sent", () => Sum(runtime.Shard, c => c.DatagramsSent));
        _meter.CreateObservableCounter("jitsi_jvb_bytes_received", () => Sum(runtime.Shard, c => c.BytesReceived));
        _meter.CreateObservableCounter("jitsi_jvb_bytes_sent", () => Sum(runtime.Shard, c => c.BytesSent));
        _meter.CreateObservableCounter("jitsi_jvb_send_dropped_packets", () => Sum(runtime.Shard, c => c.SendDropped));
        _meter.CreateObservableCounter("jitsimesh_bridge_dropped_packets", () => Dropped(runtime.Shard), description: "Packets, records, chunks and channel messages thrown away, by reason");
        _meter.CreateObservableCounter("jitsi_jvb_undeliverable_packets", () => runtime.Shard?.Counters.Undeliverable ?? 0);
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Dropped(BridgeShard? shard)
    {
        if (shard is null) yield break;
        yield return Of("undeliverable", shard.Counters.Undeliverable);
        yield return Of("truncated", Sum(shard, c => c.Truncated));
        foreach (var (reason, count) in shard.Drops.Published) yield return Of(reason, count);

        static Measurement<long> Of(string reason, long count) => new(count, new KeyValuePair<string, object?>("reason", reason));
    }

    private static long Sum(BridgeShard? shard, Func<Sockets.PortCounters, long> value)
    {
        long sum = 0;
        foreach (var port in shard?.Ports ?? []) sum += value(port.Counters);
        return sum;
    }
}
