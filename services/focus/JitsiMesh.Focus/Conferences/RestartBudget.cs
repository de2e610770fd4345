using System.Collections.Immutable;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Limits a participant's restart requests: a maximum within an interval, and a minimum time between two of them.</summary>
internal static class RestartBudget
{
    /// <param name="past">The times of earlier granted requests, oldest first.</param>
    /// <param name="after">Those times with this request added and expired ones removed.</param>
    public static bool TryTake(ImmutableArray<MonotonicTime> past, RestartLimits limits, MonotonicTime now, out ImmutableArray<MonotonicTime> after)
    {
        after = past.RemoveAll(time => now - time >= TimeSpan.FromSeconds(limits.IntervalSeconds));
        if (after.Length >= limits.MaxRequests) return false;
        if (!after.IsEmpty && now - after[^1] < TimeSpan.FromSeconds(limits.MinIntervalSeconds)) return false;
        after = after.Add(now);
        return true;
    }
}
