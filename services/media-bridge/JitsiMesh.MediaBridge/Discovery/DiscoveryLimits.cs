namespace JitsiMesh.MediaBridge.Discovery;

/// <summary>Bounds on the discovery of the bridge's public address.</summary>
public static class DiscoveryLimits
{
    /// <summary>Queried server addresses of all names together.</summary>
    public const int MaxServers = 8;

    /// <summary>Public addresses that are learned and offered.</summary>
    public const int MaxLearned = 8;

    /// <summary>The maximum length of an answer from a metadata service.</summary>
    public const int MaxMetadata = 256;

    /// <summary>The duration of one round, including name resolution.</summary>
    public static readonly TimeSpan RoundLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long the first report to focus waits for the public address: an offer without it would be useless outside.</summary>
    public static readonly TimeSpan FirstReportWait = TimeSpan.FromSeconds(3);

    /// <summary>The delay before the first retransmission; it doubles each time (RFC 8489 section 6.2.1).</summary>
    public static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);

    /// <summary>The interval between two rounds: a dynamic address typically changes once a day.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>The interval after a round without an answer.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);
}
