using System.Diagnostics.Metrics;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Tcp;

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
        _meter.CreateObservableGauge("jitsimesh_bridge_thread_use", () => runtime.Load.ThreadUse, description: "Share of one processor that the media thread takes");
        _meter.CreateObservableGauge("jitsimesh_bridge_lag_seconds", () => runtime.Load.Lag.TotalSeconds, description: "How late the media thread comes to what is due, on average");
        _meter.CreateObservableGauge("jitsimesh_bridge_machine_use", () => runtime.Load.MachineUse, description: "Share of the machine's processors that is in use");
        _meter.CreateObservableGauge("jitsimesh_bridge_receive_buffer_bytes", () => runtime.Shard?.Ports[0].Buffers.Receive ?? 0, description: "Receive buffer that the kernel granted to a port");
        _meter.CreateObservableGauge("jitsimesh_bridge_send_buffer_bytes", () => runtime.Shard?.Ports[0].Buffers.Send ?? 0, description: "Send buffer that the kernel granted to a port");
        _meter.CreateObservableCounter("jitsimesh_bridge_faults", () => Faults(runtime.Shard), description: "Exceptions that were contained, by where");
        _meter.CreateObservableCounter("jitsimesh_bridge_requests_refused", () => runtime.Shard?.Counters.CommandsRefused ?? 0, description: "Requests that found the media thread's queue full");
        _meter.CreateObservableCounter("jitsimesh_bridge_trains_refused", () => Sum(runtime.Shard, c => c.TrainsRefused), description: "Trains of packets that the kernel refused and that went one by one");
        _meter.CreateObservableGauge("jitsimesh_bridge_tcp_connections", () => runtime.Tcp?.Count ?? 0, description: "Media connections over TCP");
        _meter.CreateObservableCounter("jitsimesh_bridge_tcp_closed", () => TcpClosed(runtime.Tcp), description: "Media connections over TCP that ended, by reason");
        _meter.CreateObservableCounter("jitsimesh_bridge_tcp_frames_dropped", () => runtime.Tcp?.FramesDropped ?? 0, description: "Packets over TCP that were dropped because the receiver or the media thread was too slow");
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

    private static IEnumerable<Measurement<long>> Faults(BridgeShard? shard)
    {
        foreach (var kind in Enum.GetValues<ShardFault>()) yield return new Measurement<long>(shard?.Counters.Faults(kind) ?? 0, new KeyValuePair<string, object?>("reason", kind.ToString()));
    }

    private static IEnumerable<Measurement<long>> TcpClosed(TcpAdmission? tcp)
    {
        foreach (var reason in Enum.GetValues<TcpCloseReason>()) yield return new Measurement<long>(tcp?.Closed(reason) ?? 0, new KeyValuePair<string, object?>("reason", reason.ToString()));
    }

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
