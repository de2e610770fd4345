using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>
/// Limits the bytes of retransmission to one receiver: a bucket that fills with a share of its estimate. A receiver on a failing link requests everything repeatedly, and
/// answering all of it would keep the link congested.
/// </summary>
internal sealed class RetransmissionBudget
{
    /// <summary>A quarter of the estimate: above 20 % loss a keyframe at a lower layer helps more.</summary>
    private const double Share = 0.25;

    private const long FloorBps = 200_000;

    /// <summary>Seconds of budget that may accumulate: enough to resend a lost keyframe at once.</summary>
    private const double BurstSeconds = 1;

    private double _bytes = FloorBps / 8.0;
    private MonotonicTime _last;

    public long Refused { get; private set; }

    public bool TrySpend(int bytes, long estimateBps, MonotonicTime now)
    {
        var rate = Math.Max(FloorBps, estimateBps * Share) / 8;
        var elapsed = Math.Clamp((now - _last).TotalSeconds, 0, 10);
        _bytes = Math.Min(_bytes + (elapsed * rate), rate * BurstSeconds);
        _last = now;
        if (_bytes < bytes)
        {
            Refused++;
            return false;
        }

        _bytes -= bytes;
        return true;
    }
}
