namespace JitsiMesh.Focus.BridgeSelection;

/// <param name="Region">The participant's region, or empty.</param>
/// <param name="CurrentBridge">The bridge that the conference is on, or null.</param>
/// <param name="Avoid">Bridge instances that failed for this conference.</param>
public sealed record SelectionRequest(string Region, string? CurrentBridge, IReadOnlyCollection<string> Avoid);

public enum SelectionFailure
{
    None,

    /// <summary>There is no bridge.</summary>
    NoBridge,
    NoneOperational,

    /// <summary>The conference's bridge is not operational.</summary>
    CurrentNotOperational,
}

/// <summary>
/// Chooses a bridge for a participant; all participants of a conference share one bridge. The first participant gets the least loaded bridge of its region that is not
/// overloaded, else the least loaded bridge anywhere.
/// </summary>
public static class BridgeSelector
{
    public static BridgeSnapshot? Select(BridgePoolSnapshot pool, SelectionRequest request, BridgeSelectionOptions options, out SelectionFailure failure)
    {
        failure = SelectionFailure.None;
        if (request.CurrentBridge is not null)
        {
            var current = pool.Find(request.CurrentBridge);
            if (current is { Lost: false } && !request.Avoid.Contains(current.Instance)) return current;
            failure = SelectionFailure.CurrentNotOperational;
            return null;
        }

        if (pool.Bridges.Count == 0)
        {
            failure = SelectionFailure.NoBridge;
            return null;
        }

        var candidates = pool.Bridges.Where(bridge => !bridge.Lost && !request.Avoid.Contains(bridge.Instance)).ToList();
        candidates = Prefer(candidates, bridge => !bridge.GracefulShutdown);
        candidates = Prefer(candidates, bridge => !bridge.Drain);
        candidates = Prefer(candidates, bridge => !bridge.Suspect);
        candidates = Prefer(candidates, bridge => !bridge.Overloaded);
        var region = request.Region.Length > 0 ? request.Region : options.LocalRegion;
        if (region.Length > 0)
        {
            var near = options.RegionGroups.Where(group => group.Contains(region)).SelectMany(group => group).ToHashSet(StringComparer.Ordinal);
            if (near.Count > 0) candidates = Prefer(candidates, bridge => near.Contains(bridge.Region));
            candidates = Prefer(candidates, bridge => bridge.Region == region);
        }

        var chosen = candidates.MinBy(bridge => (bridge.Stress, bridge.BridgeId));
        if (chosen is null) failure = SelectionFailure.NoneOperational;
        return chosen;
    }

    private static List<BridgeSnapshot> Prefer(List<BridgeSnapshot> bridges, Func<BridgeSnapshot, bool> better)
    {
        var preferred = bridges.Where(better).ToList();
        return preferred.Count > 0 ? preferred : bridges;
    }
}
