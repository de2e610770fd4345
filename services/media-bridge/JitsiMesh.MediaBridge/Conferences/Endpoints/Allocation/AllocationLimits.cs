namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>The constants of the allocation, with Jitsi's defaults.</summary>
public static class AllocationLimits
{
    /// <summary>The default constraint when the first message has none.</summary>
    public const int DefaultMaxHeight = 180;

    /// <summary>A camera on stage gets at least this height before its frame rate and the tiles of others compete.</summary>
    public const int PreferredHeight = 360;

    public const double PreferredFrameRate = 30;

    /// <summary>A shared screen on stage may exceed the estimate by this factor instead of being suspended.</summary>
    public const long MaxOversendBps = 500_000;

    /// <summary>The allocation runs again when the estimate changed by more than this share since the last run.</summary>
    public const double EstimateChangeThreshold = 0.15;

    public static readonly TimeSpan MaxTimeBetweenRuns = TimeSpan.FromSeconds(5);

    /// <summary>Improvement rounds in one run; each round climbs one step for each source, and a source has at most 64 steps.</summary>
    public const int MaxRounds = 64;
}
