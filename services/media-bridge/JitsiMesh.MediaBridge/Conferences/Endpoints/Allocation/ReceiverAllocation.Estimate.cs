using JitsiMesh.MediaBridge.BandwidthEstimation;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>The receiver's bandwidth: the source of the estimate, when it is trusted, and the probes that keep it accurate.</summary>
internal sealed partial class ReceiverAllocation
{
    /// <summary>A pause in ticking is not compensated with one large burst of padding.</summary>
    private static readonly TimeSpan MaxProbeStep = TimeSpan.FromMilliseconds(50);

    /// <summary>Smaller packets would be mostly headers.</summary>
    private const int FullPadding = 255;

    private readonly ProbePacer _pacer = new(endpoint);
    private BandwidthEstimator? _estimator;
    private MonotonicTime _lastProbe;
    private double _probeCarry;

    /// <summary>A probe is being sent, in steps of <see cref="ProbePacer.Step"/>.</summary>
    public bool IsProbing => _pacer.IsSending;

    public bool HasEstimate => _estimator is { HasFeedback: true };

    public long EstimateBps => (_estimator?.Estimate ?? BandwidthLimits.Initial).BitsPerSecond;

    public void OnTransportFeedback(in TransportFeedbackView feedback, MonotonicTime now) => _estimator?.OnFeedback(feedback, now);

    public void OnRoundTrip(TimeSpan roundTrip, MonotonicTime now) => _estimator?.OnRttUpdate(roundTrip);

    private void ProcessEstimate(MonotonicTime now)
    {
        if (_estimator is null)
        {
            if (!endpoint.CanSend || !endpoint.Formats.UsesTransportCc || endpoint.Formats.TransportSequenceId == 0) return;
            _estimator = endpoint.Egress.Estimator = new BandwidthEstimator();
        }

        _estimator.OnUsefulRate(new Bitrate(IdealBps));
        _estimator.OnTick(now);
    }

    /// <summary>Without retransmissions there is nothing to probe with, and the estimate of such a receiver is unreliable.</summary>
    private long AvailableBps(MonotonicTime now) =>
        _estimator is not null && endpoint.Formats.HasRtx && endpoint.Shard.Options.TrustEstimate ? EstimateBps : long.MaxValue;

    private void Probe(MonotonicTime now)
    {
        var elapsed = now - _lastProbe;
        _lastProbe = now;
        if (_estimator is null || !IsBusy || !endpoint.CanSend) return;
        _pacer.Send(_estimator, ProbeStream(), now);

        // An application that uses less than the path's capacity never discovers the rest: pad up to the rate that would be used if available. Where not
        // even the smallest layer fits, nothing else would cause feedback, and the estimate would never recover.
        var estimate = EstimateBps;
        if (_result.IdealBps <= estimate || _result.TargetBps >= _result.IdealBps || _result.TargetBps >= estimate)
        {
            _probeCarry = 0;
            return;
        }

        if (elapsed > MaxProbeStep) elapsed = MaxProbeStep;
        var padding = Math.Min(_result.IdealBps - _result.TargetBps, estimate - _result.TargetBps);
        _probeCarry += padding * elapsed.TotalSeconds / 8;
        if (_probeCarry >= FullPadding) _probeCarry -= endpoint.Egress.SendProbe((int)_probeCarry, ProbeStream(), now, ProbeCluster.None, 0).Bytes;
        _probeCarry = Math.Clamp(_probeCarry, 0, Math.Max(FullPadding, estimate / 80.0));
    }

    private EgressStream? ProbeStream()
    {
        foreach (var subscription in endpoint.VideoSubscriptions.Values)
        {
            if (subscription.TargetLayer >= 0 && subscription.Stream is { Output.Started: true } stream) return stream;
        }

        return null;
    }
}
