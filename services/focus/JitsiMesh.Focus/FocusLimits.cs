namespace JitsiMesh.Focus;

/// <summary>Bounds on the state of the focus, and what happens beyond them.</summary>
public static class FocusLimits
{
    /// <summary>Clients that wait for one conference to start; further ones get <c>ready=false</c> and ask again.</summary>
    public const int WaitingRequests = 500;

    /// <summary>Logins that one conference remembers; the eldest is forgotten, and its client must send it again.</summary>
    public const int KnownAskers = 1_000;

    /// <summary>Simultaneous logins of one account, on as many machines; a further login ends the one that would expire first.</summary>
    public const int LoginsOfAccount = 32;

    /// <summary>Senders whose last number a conference keeps, to ignore repeated deliveries; the sender that was silent longest is forgotten first.</summary>
    public const int LinkSenders = 16;

    /// <summary>Feature sets cached on the node by their caps hash; at the bound the cache is cleared and clients are queried again.</summary>
    public const int KnownCaps = 1_024;

    /// <summary>The maximum length of a participant's property (region, statistics id); longer values are ignored.</summary>
    public const int PropertyLength = 256;

    /// <summary>Consecutive failed allocations before a conference waits <see cref="RetryDelay"/> between attempts.</summary>
    public const int EagerRetries = 3;

    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    /// <summary>How long a conference avoids a bridge that a call did not reach; after that it relies on the health checks.</summary>
    public static readonly TimeSpan UnreachableAvoided = TimeSpan.FromSeconds(3);

    /// <summary>How long participants wait before they are told that there is no bridge: a bridge process starts in 2 s and reports at once.</summary>
    public static readonly TimeSpan BridgeWait = TimeSpan.FromSeconds(10);

    /// <summary>How long the signalling of a source may still be under way; the sources of a participant that leaves within that time are removed explicitly.</summary>
    public static readonly TimeSpan SourcesUnderWay = TimeSpan.FromSeconds(10);

    /// <summary>How long the focus waits before it retries a participant that a bridge refused, within the participant's restart budget.</summary>
    public static readonly TimeSpan InviteRetry = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Jingle requests of one participant in a burst. Further requests get <c>resource-constraint</c> and have no other effect. An ICE agent that trickles sends about twenty
    /// in a second.
    /// </summary>
    public const int RequestBurst = 100;

    /// <summary>Requests per second by which the budget refills.</summary>
    public const int RequestsPerSecond = 5;

    /// <summary>The cost of a change of sources in requests: the other participants are told of it.</summary>
    public const int SourceChangeCost = 5;

    /// <summary>The cost of a mute in requests: a moderator that mutes everyone sends one for each participant at once.</summary>
    public const double MuteCost = 0.1;

    /// <summary>Features read from one disco#info answer; further ones are ignored, and the answer is not cached for other clients.</summary>
    public const int Features = 512;

    /// <summary>The delay before the conference looks again at deadlines whose handling failed with a bug.</summary>
    public static readonly TimeSpan FailedTickDelay = TimeSpan.FromSeconds(5);

    /// <summary>Inputs that wait for one conference; beyond it the producers wait.</summary>
    public const int MailboxSize = 1_024;
}
