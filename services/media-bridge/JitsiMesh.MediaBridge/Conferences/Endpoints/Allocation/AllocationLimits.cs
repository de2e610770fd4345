namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>The numbers of the allocation, with the field's defaults.</summary>
public static class AllocationLimits
{
    /// <summary>The default constraint when a first message carries none.</summary>
    public const int DefaultMaxHeight = 180;

    /// <summary>A camera on stage climbs to this before its frame rate and the others' tiles are weighed again.</summary>
    public const int PreferredHeight = 360;

    public const double PreferredFrameRate = 30;

    /// <summary>A shared screen on stage may exceed the estimate by this rather than vanish.</summary>
    public const long MaxOversendBps = 500_000;

    /// <summary>The allocation runs again when the estimate moved by more than this share of what it last acted on.</summary>
    public const double EstimateChangeThreshold = 0.15;

    public static readonly TimeSpan MaxTimeBetweenRuns = TimeSpan.FromSeconds(5);

    /// <summary>Rounds of improvement in one run; each round climbs one step a source, and a source has at most 64 steps.</summary>
    public const int MaxRounds = 64;
}
