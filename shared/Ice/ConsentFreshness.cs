using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

internal enum ConsentStep
{
    Wait,
    Send,
    Expired,
}

/// <summary>When to send a consent check, and when unanswered checks mean that consent has expired (RFC 7675 section 5.1). Also serves as keep-alive.</summary>
internal sealed class ConsentFreshness(IceAgentOptions options, IRandomSource random)
{
    private int _unanswered;

    public MonotonicTime NextTimeout { get; private set; } = MonotonicTime.Never;

    /// <summary>"each period ... multiplied by a random number between 0.8 and 1.2".</summary>
    public void Refresh(MonotonicTime now)
    {
        _unanswered = 0;
        NextTimeout = now + (options.ConsentInterval * (0.8 + (0.4 * random.NextDouble())));
    }

    /// <summary>For a pair that was valid long ago: check consent at once.</summary>
    public void CheckSoon(MonotonicTime now)
    {
        _unanswered = 0;
        NextTimeout = now;
    }

    public void Stop() => NextTimeout = MonotonicTime.Never;

    public ConsentStep Advance(MonotonicTime now)
    {
        if (now < NextTimeout) return ConsentStep.Wait;
        if (_unanswered > options.ConsentRetries)
        {
            Stop();
            return ConsentStep.Expired;
        }

        _unanswered++;
        NextTimeout = now + options.ConsentRetryInterval;
        return ConsentStep.Send;
    }
}
