namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Bounds and times of conferences on a bridge.</summary>
public static class ConferenceLimits
{
    /// <summary>A conference without endpoints ends after this.</summary>
    public static readonly TimeSpan EmptyTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How often connectivity and expiry are looked at.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Above this size statistics go only to receivers that show the sender.</summary>
    public const int StatsFilterThreshold = 20;

    /// <summary>Endpoints of one conference on this bridge; a further create is refused as overloaded.</summary>
    public const int MaxEndpoints = 2000;

    /// <summary>Conferences of one bridge; a further create is refused as overloaded.</summary>
    public const int MaxConferences = 20_000;

    /// <summary>Exceptions of a conference's own timers within <see cref="FaultWindow"/>; with the last it ends, and focus invites its people elsewhere.</summary>
    public const int MaxFaults = 3;

    public static readonly TimeSpan FaultWindow = TimeSpan.FromMinutes(1);
}
