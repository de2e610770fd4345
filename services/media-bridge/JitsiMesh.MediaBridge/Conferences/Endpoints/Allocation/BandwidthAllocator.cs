namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>The result of one run for one receiver.</summary>
/// <param name="Sources">The sources in the order of the run, with their targets.</param>
/// <param name="TargetBps">The sum of the targets.</param>
/// <param name="IdealBps">The sum of the rates that unlimited bandwidth would allow.</param>
/// <param name="Oversending">The targets exceed the bandwidth on purpose (a screen on stage).</param>
public sealed record AllocationResult(IReadOnlyList<AllocationSource> Sources, long TargetBps, long IdealBps, bool Oversending);

/// <summary>
/// Divides a receiver's bandwidth among its requested sources. A pure function; the steps are those of Jitsi's allocation document: 1 order, 2 lastN, 3 candidate layers, 4
/// rounds of improvement, 5 result. (6, informing the senders, is the conference's part.)
/// </summary>
public static class BandwidthAllocator
{
    /// <param name="sources">All sources of other endpoints, in speech order of their endpoints.</param>
    /// <param name="settings">The receiver's layout.</param>
    /// <param name="lastN">The smallest lastN limit; -1 for none.</param>
    /// <param name="availableBps">The estimate, or <see cref="long.MaxValue"/> when it is not trusted.</param>
    public static AllocationResult Allocate(IReadOnlyList<AllocationSource> sources, AllocationSettings settings, int lastN, long availableBps)
    {
        var ordered = SourceOrder.Arrange(sources, settings);
        SourceOrder.ApplyLastN(ordered, settings, lastN);
        foreach (var source in ordered) source.SelectCandidates();

        // Bounded away from the extremes so that adding a source's own rate cannot overflow.
        var remaining = Math.Min(availableBps, long.MaxValue / 4);
        for (var round = 0; round < AllocationLimits.MaxRounds; round++)
        {
            var before = remaining;
            for (var i = 0; i < ordered.Count; i++)
            {
                var source = ordered[i];
                if (source.Constraint.IsOff) continue;
                remaining -= source.Improve(remaining, mayOversend: i == 0);

                // The stage is served before any tile: when bandwidth is short, tiles lose it first.
                if (remaining < 0 || (source.OnStage && !source.HasReachedPreferred)) break;
            }

            if (remaining == before) break;
        }

        long target = 0, ideal = 0;
        foreach (var source in ordered)
        {
            target += source.Target?.BitsPerSecond ?? 0;
            ideal += source.Ideal?.BitsPerSecond ?? 0;
        }

        return new AllocationResult(ordered, target, ideal, remaining < 0);
    }
}
