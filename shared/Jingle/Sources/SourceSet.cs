namespace JitsiMesh.Jingle;

/// <summary>The sources of one endpoint and their groups. Immutable; equal by value, in any order.</summary>
public sealed record SourceSet(IReadOnlyList<Source> Sources, IReadOnlyList<SsrcGroup> Groups)
{
    public static readonly SourceSet Empty = new([], []);

    public bool IsEmpty => Sources.Count == 0 && Groups.Count == 0;

    public SourceSet Plus(SourceSet other)
    {
        if (other.IsEmpty) return this;
        if (IsEmpty) return other;
        var known = Sources.Select(source => source.Ssrc).ToHashSet();
        return new SourceSet([.. Sources, .. other.Sources.Where(source => known.Add(source.Ssrc))], [.. Groups, .. other.Groups.Where(group => !Groups.Contains(group))]);
    }

    /// <summary>Without the SSRCs and groups of <paramref name="other"/>. Sources match only by SSRC.</summary>
    public SourceSet Minus(SourceSet other)
    {
        if (other.IsEmpty || IsEmpty) return this;
        var gone = other.Sources.Select(source => source.Ssrc).ToHashSet();
        var groups = other.Groups.ToHashSet();
        return new SourceSet([.. Sources.Where(source => !gone.Contains(source.Ssrc))], [.. Groups.Where(group => !groups.Contains(group))]);
    }

    public SourceSet Of(MediaKind kind) => new([.. Sources.Where(source => source.Kind == kind)], [.. Groups.Where(group => group.Kind == kind)]);

    public bool Has(MediaKind kind) => Sources.Any(source => source.Kind == kind);

    /// <summary>
    /// The sources signalled to receivers: of each simulcast group only the first SSRC and its retransmission, since the bridge sends the selected layer
    /// on that SSRC. SIM(1,2,3) FID(1,4) FID(2,5) FID(3,6) becomes 1, 4 and FID(1,4).
    /// </summary>
    public SourceSet WithoutSimulcast()
    {
        var dropped = new HashSet<uint>();
        foreach (var group in Groups)
        {
            if (group.Semantics == GroupSemantics.Sim) dropped.UnionWith(group.Ssrcs.Skip(1));
        }

        if (dropped.Count == 0 && Groups.All(group => group.Semantics != GroupSemantics.Sim)) return this;
        foreach (var group in Groups)
        {
            if (group.Semantics == GroupSemantics.Fid && group.Ssrcs.Count > 0 && dropped.Contains(group.Ssrcs[0])) dropped.UnionWith(group.Ssrcs);
        }

        return new SourceSet(
            [.. Sources.Where(source => !dropped.Contains(source.Ssrc))],
            [.. Groups.Where(group => group.Semantics != GroupSemantics.Sim && !group.Ssrcs.Any(dropped.Contains))]);
    }

    public bool Equals(SourceSet? other) =>
        other is not null && Sources.Count == other.Sources.Count && Groups.Count == other.Groups.Count
        && Sources.ToHashSet().SetEquals(other.Sources) && Groups.ToHashSet().SetEquals(other.Groups);

    public override int GetHashCode()
    {
        var hash = Sources.Count;
        foreach (var source in Sources) hash ^= source.GetHashCode();
        foreach (var group in Groups) hash ^= group.GetHashCode();
        return hash;
    }
}
