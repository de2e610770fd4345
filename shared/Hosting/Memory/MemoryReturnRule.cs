using JitsiMesh.Primitives;

namespace JitsiMesh.Hosting.Memory;

/// <summary>When a process returns memory: once after each period of work, when it has been quiet for a while. The start of a process counts as work.</summary>
/// <param name="after">How long it must have been quiet.</param>
public sealed class MemoryReturnRule(TimeSpan after)
{
    /// <summary>Share of one processor below which a process counts as quiet; timers and health checks need less than 0.02.</summary>
    public const double QuietShare = 0.05;

    private bool _hasWorked = true;
    private MonotonicTime? _quietSince;

    /// <param name="now">The time.</param>
    /// <param name="isBusy">Something is under way (<see cref="WorkInProgress"/>).</param>
    /// <param name="share">Share of one processor that the process used since the last question.</param>
    /// <returns>True when memory must be returned now.</returns>
    public bool IsDue(MonotonicTime now, bool isBusy, double share)
    {
        if (isBusy || share >= QuietShare)
        {
            _hasWorked = true;
            _quietSince = null;
            return false;
        }

        _quietSince ??= now;
        if (!_hasWorked || now - _quietSince.Value < after) return false;
        _hasWorked = false;
        return true;
    }
}
