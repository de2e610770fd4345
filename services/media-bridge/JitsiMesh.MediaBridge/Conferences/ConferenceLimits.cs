namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Bounds and times of conferences on a bridge.</summary>
public static class ConferenceLimits
{
    /// <summary>A conference without endpoints ends after this time.</summary>
    public static readonly TimeSpan EmptyTimeout = TimeSpan.FromSeconds(20);

    /// <summary>The interval of connectivity and expiry checks.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Above this size statistics go only to receivers that display the sender.</summary>
    public const int StatsFilterThreshold = 20;

    /// <summary>Endpoints of one conference on this bridge; creating a further one is refused as overloaded.</summary>
    public const int MaxEndpoints = 2000;

    /// <summary>Conferences of one bridge; creating a further one is refused as overloaded.</summary>
    public const int MaxConferences = 20_000;

    /// <summary>Exceptions of a conference's timers within <see cref="FaultWindow"/>; the last one ends the conference, and focus invites its participants on another bridge.</summary>
    public const int MaxFaults = 3;

    public static readonly TimeSpan FaultWindow = TimeSpan.FromMinutes(1);
}
