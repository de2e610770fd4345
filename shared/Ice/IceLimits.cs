namespace JitsiMesh.Ice;

/// <summary>Bounds of one agent.</summary>
public static class IceLimits
{
    /// <summary>Further local candidates are a mistake of the owner and throw.</summary>
    public const int MaxLocalCandidates = 64;

    /// <summary>Remote candidates, told and discovered. Beyond it a told one is ignored; a discovered one takes the place of the oldest discovered that is not valid, else its check is answered and forgotten.</summary>
    public const int MaxRemoteCandidates = 32;

    /// <summary>RFC 8445 section 6.1.2.5 recommends 100; the lowest pair that is not valid makes room.</summary>
    public const int MaxPairs = 100;

    /// <summary>Checks remembered until the remote credentials come; the oldest is forgotten (the remote repeats it).</summary>
    public const int MaxEarlyChecks = 16;

    /// <summary>RFC 8839 section 5.4: characters of a ufrag. Others are refused as remote credentials.</summary>
    public const int MinUfragLength = 4;

    public const int MaxUfragLength = 256;

    /// <summary>RFC 8839 section 5.4: characters of a password. Others are refused as remote credentials.</summary>
    public const int MinPasswordLength = 22;

    public const int MaxPasswordLength = 256;

    /// <summary>
    /// Checks of one session, over all its restarts, that may go to addresses which never answered one: so many at once, and so many a second after
    /// that. A check beyond it is not sent and its pair waits for a check of the remote's: whoever names a stranger's address makes us send little.
    /// </summary>
    public const double UnansweredBurst = 64;

    public const double UnansweredPerSecond = 2;

    /// <summary>Datagrams and events waiting for the owner, who drains them after each input; the oldest is dropped.</summary>
    public const int MaxQueued = 128;
}
