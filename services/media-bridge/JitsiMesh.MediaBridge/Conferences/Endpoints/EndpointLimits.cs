namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>Bounds and times of an endpoint.</summary>
public static class EndpointLimits
{
    /// <summary>Slots of each kind for a receiver with SSRC rewriting; a further source takes a free slot, or the least recently used one.</summary>
    public const int MaxSlots = 50;

    /// <summary>An audio slot used within this time is not taken from its source; the packet that would need it is dropped and counted.</summary>
    public static readonly TimeSpan AudioSlotHold = TimeSpan.FromSeconds(1);

    /// <summary>The rate at which audio slots of one receiver may be taken from one source for another; beyond it the packet that would need one is dropped and counted.</summary>
    public const double AudioStealsPerSecond = 10;

    public const double AudioStealBurst = 10;

    /// <summary>
    /// RTCP packets of one endpoint per second, where each entry of a FIR counts as one; further ones are dropped and counted. A client that repeats NACKs for about twenty
    /// streams every 20 ms stays below.
    /// </summary>
    public const double RtcpPerSecond = 1000;

    public const double RtcpBurst = 2000;

    /// <summary>Streams remembered for a receiver without SSRC rewriting, of current and former sources; a further one replaces the oldest.</summary>
    public const int MaxKeptStreams = 4096;

    /// <summary>Sources of one endpoint; a request with more is refused as invalid.</summary>
    public const int MaxSources = 64;

    /// <summary>Remote addresses mapped to one endpoint; a further one replaces the oldest that never answered a check, else the one silent for longest.</summary>
    public const int MaxAddresses = 32;

    /// <summary>A client's candidate with a lower port is not checked: lower ports belong to services that did not ask for checks. A client behind such a port is found by its own checks.</summary>
    public const int MinClientPort = 1024;

    /// <summary>Endpoints that contend for an address of another endpoint; a further one replaces the oldest, which returns with its next check.</summary>
    public const int MaxContenders = 4;

    /// <summary>
    /// When nothing arrived from an address for this long, it may be mapped to another endpoint without proof, although its endpoint had answered from it: three missed consent
    /// checks.
    /// </summary>
    public static readonly TimeSpan AddressSilence = TimeSpan.FromSeconds(15);

    /// <summary>An endpoint without any authentic packet for this long ends.</summary>
    public static readonly TimeSpan InactivityTimeout = TimeSpan.FromMinutes(1);

    /// <summary>The same for an endpoint that never sent anything: the client may still show its permission prompt.</summary>
    public static readonly TimeSpan FirstActivityTimeout = TimeSpan.FromMinutes(2);

    /// <summary>An endpoint is announced as inactive when it sent nothing since its creation for this long, or nothing for <see cref="SilenceUntilInactive"/>.</summary>
    public static readonly TimeSpan FirstTransfer = TimeSpan.FromSeconds(15);

    public static readonly TimeSpan SilenceUntilInactive = TimeSpan.FromSeconds(8);

    /// <summary>How long an announced video type of a source that does not exist yet is kept.</summary>
    public static readonly TimeSpan VideoTypeAhead = TimeSpan.FromSeconds(10);

    /// <summary>The interval of reports about the endpoint's media.</summary>
    public static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(500);

    public static readonly TimeSpan ConnectionStatsInterval = TimeSpan.FromSeconds(10);

    /// <summary>The interval of the endpoint's timer while media flow: repeated NACKs, feedback, probes.</summary>
    public static readonly TimeSpan ActiveTick = TimeSpan.FromMilliseconds(20);

    public static readonly TimeSpan IdleTick = TimeSpan.FromMilliseconds(250);
}
