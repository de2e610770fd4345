using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>
/// How many bytes of retransmission one receiver may cost: a bucket that fills with a share of its estimate. A receiver behind a dying link
/// asks for everything again and again, and answering all of it keeps the link dead.
/// </summary>
internal sealed class RetransmissionBudget
{
    /// <summary>A quarter of the estimate: above 20 % loss a keyframe at a lower layer serves better.</summary>
    private const double Share = 0.25;

    private const long FloorBps = 200_000;

    /// <summary>Seconds of budget that may be saved up: a lost keyframe can be mended at once.</summary>
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
