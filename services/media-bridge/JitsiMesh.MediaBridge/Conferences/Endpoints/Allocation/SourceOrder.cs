namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>
/// Orders the sources of a conference for one receiver: on-stage sources as listed, selected ones as listed, the other enabled ones by their endpoints' speech order, and muted
/// ones last. LastN counts along this order.
/// </summary>
public static class SourceOrder
{
    /// <param name="sources">All sources of other endpoints, in speech order of their endpoints.</param>
    /// <param name="settings">The receiver's layout.</param>
    public static List<AllocationSource> Arrange(IReadOnlyList<AllocationSource> sources, AllocationSettings settings)
    {
        var ordered = new List<AllocationSource>(sources.Count);
        var taken = new HashSet<string>(sources.Count);
        Listed(settings.OnStageSources);
        Listed(settings.SelectedSources);
        foreach (var source in sources)
        {
            if (source.Enabled && taken.Add(source.Name)) ordered.Add(source);
        }

        foreach (var source in sources)
        {
            if (taken.Add(source.Name)) ordered.Add(source);
        }

        return ordered;

        void Listed(IReadOnlyList<string> names)
        {
            foreach (var name in names)
            {
                foreach (var source in sources)
                {
                    if (source.Name != name || !source.Enabled) continue;
                    if (taken.Add(name)) ordered.Add(source);
                    break;
                }
            }
        }
    }

    /// <summary>Lets each source with a non-zero constraint use one of <paramref name="lastN"/>, in order; beyond it the constraint becomes 0.</summary>
    public static void ApplyLastN(List<AllocationSource> ordered, AllocationSettings settings, int lastN)
    {
        var used = 0;
        foreach (var source in ordered)
        {
            source.Constraint = settings.For(source.Name);
            source.OnStage = settings.OnStageSources.Contains(source.Name);
            if (source.Constraint.IsOff) continue;
            if (lastN >= 0 && used >= lastN) source.Constraint = BridgeChannel.VideoConstraints.Nothing;
            else used++;
        }
    }

    /// <summary>The smallest of the limits; -1 means no limit.</summary>
    public static int EffectiveLastN(params ReadOnlySpan<int> limits)
    {
        var result = -1;
        foreach (var limit in limits)
        {
            if (limit >= 0 && (result < 0 || limit < result)) result = limit;
        }

        return result;
    }
}
