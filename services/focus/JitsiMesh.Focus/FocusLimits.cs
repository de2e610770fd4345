namespace JitsiMesh.Focus;

/// <summary>Bounds of what the focus keeps, and what happens beyond them.</summary>
public static class FocusLimits
{
    /// <summary>People waiting for one conference to start; further ones are told <c>ready=false</c> and ask again.</summary>
    public const int WaitingRequests = 500;

    /// <summary>Askers whose identity one conference remembers; the eldest is forgotten, and has to show it again.</summary>
    public const int KnownAskers = 1_000;

    /// <summary>Logins in meetings that one account has at a time, on as many machines; a further one ends the one that would be over first.</summary>
    public const int LoginsOfAccount = 32;

    /// <summary>Senders whose last number is kept for a conference, to pass over repeated deliveries; the one unheard longest goes first.</summary>
    public const int LinkSenders = 16;

    /// <summary>Feature sets kept for the whole node, by their caps hash; at the bound the cache begins anew and asks again.</summary>
    public const int KnownCaps = 1_024;

    /// <summary>Characters of a participant's property that is kept (region, statistics id); longer ones count as absent.</summary>
    public const int PropertyLength = 256;

    /// <summary>Allocations that may fail one after another before a conference waits <see cref="RetryDelay"/> between attempts.</summary>
    public const int EagerRetries = 3;

    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    /// <summary>How long a conference leaves a bridge alone that a call did not reach; after that the health checks are believed.</summary>
    public static readonly TimeSpan UnreachableAvoided = TimeSpan.FromSeconds(3);

    /// <summary>How long people wait for a bridge before they are told that there is none: a bridge process starts in 2 s and reports at once.</summary>
    public static readonly TimeSpan BridgeWait = TimeSpan.FromSeconds(10);

    /// <summary>How long sources that a participant was told of may still be on their way to it; one who leaves meanwhile is taken back by name.</summary>
    public static readonly TimeSpan SourcesUnderWay = TimeSpan.FromSeconds(10);

    /// <summary>How long a refused participant waits before its invitation is retried, as often as its budget of restarts allows.</summary>
    public static readonly TimeSpan InviteRetry = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Jingle requests of one participant at once; beyond it they are answered with <c>resource-constraint</c> and nothing else is done. An ICE
    /// agent that trickles sends some twenty in a second.
    /// </summary>
    public const int RequestBurst = 100;

    /// <summary>Of <see cref="RequestBurst"/>, how many come back.</summary>
    public const int RequestsPerSecond = 5;

    /// <summary>Requests that a change of sources counts for: others are told of it.</summary>
    public const int SourceChangeCost = 5;

    /// <summary>The share of a request that a mute costs: a moderator that mutes all sends one for each participant at once.</summary>
    public const double MuteCost = 0.1;

    /// <summary>Features of one disco#info answer that are read; further ones count as absent, and the answer is not kept for others.</summary>
    public const int Features = 512;

    /// <summary>How long the conference waits before it looks again at deadlines whose handling failed by a bug of ours.</summary>
    public static readonly TimeSpan FailedTickDelay = TimeSpan.FromSeconds(5);

    /// <summary>Inputs waiting for one conference; beyond it senders have to wait.</summary>
    public const int MailboxSize = 1_024;
}
