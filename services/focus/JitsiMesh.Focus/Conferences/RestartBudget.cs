using System.Collections.Immutable;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>How often a participant may ask for a restart: so many within an interval, and not too close to one another.</summary>
internal static class RestartBudget
{
    /// <param name="past">When earlier requests were granted, oldest first.</param>
    /// <param name="after">With this one, and without those that no longer count.</param>
    public static bool TryTake(ImmutableArray<MonotonicTime> past, RestartLimits limits, MonotonicTime now, out ImmutableArray<MonotonicTime> after)
    {
        after = past.RemoveAll(time => now - time >= TimeSpan.FromSeconds(limits.IntervalSeconds));
        if (after.Length >= limits.MaxRequests) return false;
        if (!after.IsEmpty && now - after[^1] < TimeSpan.FromSeconds(limits.MinIntervalSeconds)) return false;
        after = after.Add(now);
        return true;
    }
}
