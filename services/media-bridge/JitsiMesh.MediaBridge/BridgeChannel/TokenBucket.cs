using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>A rate with a burst. Full at the start.</summary>
internal sealed class TokenBucket(double perSecond, double burst)
{
    private double _taken;
    private MonotonicTime _last;

    public bool TryTake(double cost, MonotonicTime now)
    {
        _taken = Math.Max(0, _taken - (Math.Max(0, (now - _last).TotalSeconds) * perSecond));
        _last = now;

        // What costs more than there can ever be goes when the bucket is full, and is paid off afterwards.
        if (burst - _taken < Math.Min(cost, burst)) return false;
        _taken += cost;
        return true;
    }
}
