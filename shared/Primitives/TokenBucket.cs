namespace JitsiMesh.Primitives;

/// <summary>A token bucket with a burst and a sustained rate. Full at the start. For one caller at a time.</summary>
/// <param name="perSecond">Tokens refilled each second.</param>
/// <param name="burst">Capacity in tokens.</param>
public sealed class TokenBucket(double perSecond, double burst)
{
    private double _taken;
    private MonotonicTime? _last;

    /// <summary>Tokens taken beyond the available ones.</summary>
    public double Debt => Math.Max(0, _taken - burst);

    /// <summary>Takes tokens if they are available. A cost above the capacity is allowed when the bucket is full, and is paid off afterwards.</summary>
    public bool TryTake(double cost, MonotonicTime now)
    {
        Fill(now);
        if (burst - _taken < Math.Min(cost, burst)) return false;
        _taken += cost;
        return true;
    }

    /// <summary>Takes tokens even if they are not available; the caller then waits for <see cref="Wait"/> before the next call.</summary>
    public void Take(double cost, MonotonicTime now)
    {
        Fill(now);
        _taken += cost;
    }

    /// <summary>The time until the debt is paid off.</summary>
    public TimeSpan Wait(MonotonicTime now)
    {
        Fill(now);
        return TimeSpan.FromSeconds(Debt / perSecond);
    }

    private void Fill(MonotonicTime now)
    {
        // Callers that read the clock before they took their turn may pass an earlier time: no second is counted twice.
        if (now <= (_last ??= now)) return;
        _taken = Math.Max(0, _taken - ((now - _last.Value).TotalSeconds * perSecond));
        _last = now;
    }
}
