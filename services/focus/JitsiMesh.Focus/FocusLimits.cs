namespace JitsiMesh.Focus;

/// <summary>Bounds of what the focus keeps, and what happens beyond them.</summary>
public static class FocusLimits
{
    /// <summary>People waiting for one conference to start; further ones are told <c>ready=false</c> and ask again.</summary>
    public const int WaitingRequests = 500;

    /// <summary>Askers whose identity one conference remembers; the eldest is forgotten, and has to show it again.</summary>
    public const int KnownAskers = 1_000;

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

    /// <summary>Inputs waiting for one conference; beyond it whoever brings more has to wait.</summary>
    public const int MailboxSize = 1_024;
}
