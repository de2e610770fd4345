namespace JitsiMesh.Primitives;

/// <summary>So much at once, so much a second in the long run. Full at the start. For one caller at a time.</summary>
/// <param name="perSecond">Tokens that come back each second.</param>
/// <param name="burst">Tokens that it holds when full.</param>
public sealed class TokenBucket(double perSecond, double burst)
{
    private double _taken;
    private MonotonicTime? _last;

    /// <summary>Tokens taken beyond what there were.</summary>
    public double Debt => Math.Max(0, _taken - burst);

    /// <summary>Takes what is there. What costs more than there can ever be goes when the bucket is full, and is paid off afterwards.</summary>
    public bool TryTake(double cost, MonotonicTime now)
    {
        Fill(now);
        if (burst - _taken < Math.Min(cost, burst)) return false;
        _taken += cost;
        return true;
    }

    /// <summary>Takes what there may not be; whoever does waits for <see cref="Wait"/> before the next.</summary>
    public void Take(double cost, MonotonicTime now)
    {
        Fill(now);
        _taken += cost;
    }

    /// <summary>How long until nothing is owed.</summary>
    public TimeSpan Wait(MonotonicTime now)
    {
        Fill(now);
        return TimeSpan.FromSeconds(Debt / perSecond);
    }

    private void Fill(MonotonicTime now)
    {
        // Callers that read the clock before they took their turn may come with an earlier time: no second is counted twice.
        if (now <= (_last ??= now)) return;
        _taken = Math.Max(0, _taken - ((now - _last.Value).TotalSeconds * perSecond));
        _last = now;
    }
}
