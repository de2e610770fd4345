namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>What one run decided for one receiver.</summary>
/// <param name="Sources">In the order of the run, with targets set.</param>
/// <param name="TargetBps">Sum of the targets.</param>
/// <param name="IdealBps">Sum of what would be sent with bandwidth without end.</param>
/// <param name="Oversending">The targets exceed the bandwidth on purpose (a screen on stage).</param>
public sealed record AllocationResult(IReadOnlyList<AllocationSource> Sources, long TargetBps, long IdealBps, bool Oversending);

/// <summary>
/// Shares a receiver's bandwidth among the sources it asked for. Values in, values out; the steps are those of the field's allocation document:
/// 1 order, 2 lastN, 3 candidate layers, 4 rounds of improvement, 5 result. (6, telling the senders, is the conference's.)
/// </summary>
public static class BandwidthAllocator
{
    /// <param name="sources">All sources of the others, in speech order of their endpoints.</param>
    /// <param name="settings">The receiver's layout.</param>
    /// <param name="lastN">The least of all lastN limits; -1 for none.</param>
    /// <param name="availableBps">The estimate, or <see cref="long.MaxValue"/> when it is not trusted.</param>
    public static AllocationResult Allocate(IReadOnlyList<AllocationSource> sources, AllocationSettings settings, int lastN, long availableBps)
    {
        var ordered = SourceOrder.Arrange(sources, settings);
        SourceOrder.ApplyLastN(ordered, settings, lastN);
        foreach (var source in ordered) source.SelectCandidates();

        // Kept away from the ends so that adding a source's own rate cannot overflow.
        var remaining = Math.Min(availableBps, long.MaxValue / 4);
        for (var round = 0; round < AllocationLimits.MaxRounds; round++)
        {
            var before = remaining;
            for (var i = 0; i < ordered.Count; i++)
            {
                var source = ordered[i];
                if (source.Constraint.IsOff) continue;
                remaining -= source.Improve(remaining, mayOversend: i == 0);

                // The stage is served before any tile: tiles starve, not the stage.
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
