using JitsiMesh.MediaBridge.BandwidthEstimation;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>Sends the estimator's probes at their rate, one burst per step: a cluster sent at once could not be measured, because its rate is taken between its first and last packets.</summary>
internal sealed class ProbePacer(BridgeEndpoint endpoint)
{
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    /// <summary>A cluster that is not completely sent by then (the loop was delayed) is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private ProbeCluster _cluster;
    private MonotonicTime _began;
    private int _bytes;
    private int _packets;

    public bool IsSending { get; private set; }

    public void Send(BandwidthEstimator estimator, EgressStream? stream, MonotonicTime now)
    {
        if (!IsSending)
        {
            if (!estimator.TryGetProbe(out _cluster)) return;
            IsSending = true;
            _began = now;
            _bytes = 0;
            _packets = 0;
        }

        var due = (int)(_cluster.Rate.BitsPerSecond * (now - _began + Step).TotalSeconds / 8) - _bytes;
        if (due > 0)
        {
            var (bytes, packets) = endpoint.Egress.SendProbe(due, stream, now, _cluster.Id, minPackets: 1);
            _bytes += bytes;
            _packets += packets;
            if (packets == 0) IsSending = false;
        }

        if ((_bytes >= _cluster.MinBytes && _packets >= _cluster.MinPackets) || now - _began > Patience) IsSending = false;
    }
}
