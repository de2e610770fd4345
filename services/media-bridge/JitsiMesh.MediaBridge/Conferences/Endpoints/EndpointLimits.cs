namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>Bounds and times of an endpoint.</summary>
public static class EndpointLimits
{
    /// <summary>Slots of each kind for a receiver with SSRC rewriting; a further source takes a free one's, or the least recently used one's.</summary>
    public const int MaxSlots = 50;

    /// <summary>An audio slot over which something went within this time is not taken from its source; the packet that would need it is dropped and counted.</summary>
    public static readonly TimeSpan AudioSlotHold = TimeSpan.FromSeconds(1);

    /// <summary>Audio slots of one receiver that are taken from a source for another one's sake; beyond it the packet that would need one is dropped and counted.</summary>
    public const double AudioStealsPerSecond = 10;

    public const double AudioStealBurst = 10;

    /// <summary>
    /// RTCP packets of one endpoint, each entry of a FIR counted as one; beyond it they are dropped and counted. A client that asks again for losses on each of
    /// some twenty pictures every 20 ms stays within.
    /// </summary>
    public const double RtcpPerSecond = 1000;

    public const double RtcpBurst = 2000;

    /// <summary>Streams remembered of a receiver without SSRC rewriting, of sources that are and that were; a further one forgets the oldest.</summary>
    public const int MaxKeptStreams = 4096;

    /// <summary>Sources of one endpoint; a request with more is refused as wrong.</summary>
    public const int MaxSources = 64;

    /// <summary>Remote addresses that lead to one endpoint; a further one replaces the oldest that never answered a check, else the one silent for longest.</summary>
    public const int MaxAddresses = 32;

    /// <summary>
    /// A candidate that a client tells with a lower port gets no checks: below it are services that did not ask for any. A client that is there is found by its
    /// own checks.
    /// </summary>
    public const int MinClientPort = 1024;

    /// <summary>Endpoints that would have an address which is another's; a further one replaces the oldest, and comes back with its next check.</summary>
    public const int MaxContenders = 4;

    /// <summary>An address whose endpoint answered from it leads to another without proof when nothing came from it for this long: three missed consent checks.</summary>
    public static readonly TimeSpan AddressSilence = TimeSpan.FromSeconds(15);

    /// <summary>Without any authentic packet for this long the endpoint ends.</summary>
    public static readonly TimeSpan InactivityTimeout = TimeSpan.FromMinutes(1);

    /// <summary>The same for one from which nothing ever came: the client may still be at its permission prompt.</summary>
    public static readonly TimeSpan FirstActivityTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Connectivity status towards the others: never anything for this long, or nothing for <see cref="SilenceUntilInactive"/>.</summary>
    public static readonly TimeSpan FirstTransfer = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan SilenceUntilInactive = TimeSpan.FromSeconds(8);

    /// <summary>A word on the kind of a source that is not there yet counts for this long.</summary>
    public static readonly TimeSpan VideoTypeAhead = TimeSpan.FromSeconds(10);

    /// <summary>Reports about what the endpoint sends.</summary>
    public static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(500);

    public static readonly TimeSpan ConnectionStatsInterval = TimeSpan.FromSeconds(10);

    /// <summary>The endpoint's own clock while media flows: repeated NACKs, feedback, probes.</summary>
    public static readonly TimeSpan ActiveTick = TimeSpan.FromMilliseconds(20);

    public static readonly TimeSpan IdleTick = TimeSpan.FromMilliseconds(250);
}
