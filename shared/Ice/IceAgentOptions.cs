namespace JitsiMesh.Ice;

public sealed record IceAgentOptions
{
    /// <summary>Where a conflict does not change it: towards clients the bridge is controlling.</summary>
    public IceRole Role { get; init; } = IceRole.Controlling;

    /// <summary>4 to 256 ice-chars (RFC 8839 section 5.4); null: random.</summary>
    public string? Ufrag { get; init; }

    /// <summary>22 to 256 ice-chars; null: random.</summary>
    public string? Password { get; init; }

    /// <summary>Candidates that are told with a lower port are not checked; what comes from such a port is answered all the same.</summary>
    public int MinToldPort { get; init; } = 1;

    /// <summary>Ta: the pace of new checks (RFC 8445 section 14.2).</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The wait before a check is sent again the first time; it doubles from there. 500 ms is the least that RFC 8445 section 14.3 allows.</summary>
    public TimeSpan InitialRto { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Where the doubling ends: ice4j stops at 1.6 s, so that a client on a bad link does not wait half a minute for one lost check.</summary>
    public TimeSpan MaxRto { get; init; } = TimeSpan.FromMilliseconds(1600);

    /// <summary>Rc: how often a check is sent before its pair fails (RFC 8489 section 6.2.1).</summary>
    public int MaxTransmissions { get; init; } = 7;

    /// <summary>Time between two consent checks, times 0.8 to 1.2 (RFC 7675 section 5.1).</summary>
    public TimeSpan ConsentInterval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ConsentRetryInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Further consent checks after one without answer. With the defaults consent is gone 3 s after the first unanswered check, as on today's bridge.</summary>
    public int ConsentRetries { get; init; } = 5;

    /// <summary>From the remote credentials to the first valid pair. Longer than any single check lasts, since client candidates only come with their checks.</summary>
    public TimeSpan FailureTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
