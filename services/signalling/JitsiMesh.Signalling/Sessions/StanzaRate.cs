using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Sessions;

/// <summary>A token bucket: so many at once, so many a second in the long run.</summary>
public sealed class StanzaRate(int burst, int perSecond)
{
    private double _tokens = burst;
    private MonotonicTime? _last;

    /// <summary>Tokens taken beyond what there were.</summary>
    public double Debt => Math.Max(0, -_tokens);

    public bool TryTake(MonotonicTime now)
    {
        Fill(now);
        if (_tokens < 1) return false;
        _tokens--;
        return true;
    }

    /// <summary>Takes what there may not be; whoever does waits for <see cref="Wait"/> before the next.</summary>
    public void Take(MonotonicTime now, double tokens)
    {
        Fill(now);
        _tokens -= tokens;
    }

    /// <summary>How long until nothing is owed.</summary>
    public TimeSpan Wait(MonotonicTime now)
    {
        Fill(now);
        return TimeSpan.FromSeconds(Debt / perSecond);
    }

    private void Fill(MonotonicTime now)
    {
        if (_last is { } last && now > last) _tokens = Math.Min(burst, _tokens + ((now - last).TotalSeconds * perSecond));
        _last = now;
    }
}
