using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>A token bucket: so many at once, so many a second in the long run.</summary>
public sealed class StanzaRate(int burst, int perSecond)
{
    private double _tokens = burst;
    private MonotonicTime? _last;

    public bool TryTake(MonotonicTime now)
    {
        if (_last is { } last && now > last) _tokens = Math.Min(burst, _tokens + ((now - last).TotalSeconds * perSecond));
        _last = now;
        if (_tokens < 1) return false;
        _tokens--;
        return true;
    }
}
