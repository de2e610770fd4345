namespace JitsiMesh.MediaBridge.Discovery;

/// <summary>Bounds of asking for the bridge's public address.</summary>
public static class DiscoveryLimits
{
    /// <summary>Server addresses that are asked, of all names together.</summary>
    public const int MaxServers = 8;

    /// <summary>Public addresses that are learnt and offered.</summary>
    public const int MaxLearned = 8;

    /// <summary>Bytes of an answer of a cloud's metadata service.</summary>
    public const int MaxMetadata = 256;

    /// <summary>One round, names and answers together.</summary>
    public static readonly TimeSpan RoundLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long focus hears nothing of a bridge that does not know its public address yet: an offer without it would be of no use outside.</summary>
    public static readonly TimeSpan FirstReportWait = TimeSpan.FromSeconds(3);

    /// <summary>The wait before a question is repeated the first time; it doubles (RFC 8489 section 6.2.1).</summary>
    public static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two rounds: a line that gets a new address does so once a day.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    /// <summary>After a round without an answer.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);
}
