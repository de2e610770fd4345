namespace JitsiMesh.Ice;

/// <summary>Limits of one agent.</summary>
public static class IceLimits
{
    /// <summary>Further local candidates are an error of the owner and throw.</summary>
    public const int MaxLocalCandidates = 64;

    /// <summary>Remote candidates, signalled and discovered. Beyond it a signalled one is ignored; a discovered one replaces the oldest discovered one that is not valid, else its check is answered and ignored.</summary>
    public const int MaxRemoteCandidates = 32;

    /// <summary>RFC 8445 section 6.1.2.5 recommends 100; the pair with the lowest priority that is not valid is dropped.</summary>
    public const int MaxPairs = 100;

    /// <summary>Checks remembered until the remote credentials arrive; the oldest is dropped (the remote repeats it).</summary>
    public const int MaxEarlyChecks = 16;

    /// <summary>RFC 8839 section 5.4: characters of a ufrag. Others are refused as remote credentials.</summary>
    public const int MinUfragLength = 4;

    public const int MaxUfragLength = 256;

    /// <summary>RFC 8839 section 5.4: characters of a password. Others are refused as remote credentials.</summary>
    public const int MinPasswordLength = 22;

    public const int MaxPasswordLength = 256;

    /// <summary>
    /// Checks of one session, over all its restarts, to addresses that never answered: a burst, and a rate after
    /// it. A check beyond it is not sent, and its pair waits for a check of the remote: a client that signals the address of a victim causes little traffic to it.
    /// </summary>
    public const double UnansweredBurst = 64;

    public const double UnansweredPerSecond = 2;

    /// <summary>Datagrams and events queued for the owner, which drains them after each input; the oldest is dropped.</summary>
    public const int MaxQueued = 128;
}
