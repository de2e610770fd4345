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

    /// <summary>Datagrams and events waiting for the owner, who drains them after each input; the oldest is dropped.</summary>
    public const int MaxQueued = 128;
}
