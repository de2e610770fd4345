namespace JitsiMesh.Ice;

public sealed record IceAgentOptions
{
    /// <summary>The initial role, unless a conflict changes it: towards clients the bridge is controlling.</summary>
    public IceRole Role { get; init; } = IceRole.Controlling;

    /// <summary>4 to 256 ice-chars (RFC 8839 section 5.4); null: random.</summary>
    public string? Ufrag { get; init; }

    /// <summary>22 to 256 ice-chars; null: random.</summary>
    public string? Password { get; init; }

    /// <summary>Candidates signalled with a lower port are not checked; packets that arrive from such a port are still answered.</summary>
    public int MinToldPort { get; init; } = 1;

    /// <summary>Whether signalled TCP candidates are checked: for an owner that opens connections (the active side of RFC 6544). A passive side learns of TCP only from checks.</summary>
    public bool ChecksTcp { get; init; }

    /// <summary>Ta: the pace of new checks (RFC 8445 section 14.2).</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The delay before the first retransmission of a check; it doubles afterwards. 500 ms is the minimum of RFC 8445 section 14.3.</summary>
    public TimeSpan InitialRto { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The upper limit of the doubling: ice4j stops at 1.6 s, so that a client on a bad link does not wait half a minute for one lost check.</summary>
    public TimeSpan MaxRto { get; init; } = TimeSpan.FromMilliseconds(1600);

    /// <summary>Rc: transmissions of a check before its pair fails (RFC 8489 section 6.2.1).</summary>
    public int MaxTransmissions { get; init; } = 7;

    /// <summary>Interval of consent checks, multiplied by 0.8 to 1.2 (RFC 7675 section 5.1).</summary>
    public TimeSpan ConsentInterval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan ConsentRetryInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Further consent checks after an unanswered one. With the defaults consent expires 3 s after the first unanswered check, as in jitsi-videobridge.</summary>
    public int ConsentRetries { get; init; } = 5;

    /// <summary>Time from the remote credentials to the first valid pair. Longer than any single check lasts, since the addresses of clients become known only by their checks.</summary>
    public TimeSpan FailureTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
