namespace JitsiMesh.Jingle;

/// <summary>Why a change of sources was refused; nothing of it was applied.</summary>
public enum SourceRejection
{
    None,
    SsrcInUse,
    MsidInUse,
    TooManySources,
    TooManyGroups,

    /// <summary>A group names an SSRC that is not one of the endpoint's sources, or of another kind of media.</summary>
    GroupWithoutSource,
    FidGroupSize,
    GroupedSourceWithoutMsid,
    GroupMsidsDiffer,

    /// <summary>Two sources, or groups, of one kind share an msid and do not belong together.</summary>
    MsidShared,

    /// <summary>A source's name does not begin with its endpoint's id.</summary>
    ForeignName,

    /// <summary>Removal of an SSRC or a group that the endpoint does not have.</summary>
    NotFound,
}

/// <param name="SourcesPerEndpoint">SSRCs, retransmission included.</param>
/// <param name="GroupsPerEndpoint">SIM and FID groups together.</param>
public sealed record SourceLimits(int SourcesPerEndpoint = 20, int GroupsPerEndpoint = 20);

/// <summary>
/// All sources that the participants of a conference send. A change is validated whole and then applied, or refused with a reason and
/// leaves everything as it was.
/// </summary>
public sealed class ConferenceSources(SourceLimits limits)
{
    private readonly SourceMap _sets = new();
    private readonly Dictionary<uint, string> _ownersBySsrc = [];
    private readonly Dictionary<string, string> _ownersByMsid = [];

    public SourceMap Map => _sets;

    public SourceSet this[string owner] => _sets[owner];

    /// <param name="owner">The endpoint's id.</param>
    /// <param name="change">Sources and groups to add. Empty groups and exact repetitions of groups are passed over.</param>
    /// <param name="added">What is new.</param>
    public SourceRejection TryAdd(string owner, SourceSet change, out SourceSet added)
    {
        added = SourceSet.Empty;
        var present = _sets[owner];
        var fresh = new HashSet<uint>();
        foreach (var source in change.Sources)
        {
            if (_ownersBySsrc.ContainsKey(source.Ssrc) || !fresh.Add(source.Ssrc)) return SourceRejection.SsrcInUse;
            if (source.Msid is not null && _ownersByMsid.TryGetValue(source.Msid, out var other) && other != owner) return SourceRejection.MsidInUse;
            if (source.Name is not null && !source.Name.StartsWith(owner + "-", StringComparison.Ordinal)) return SourceRejection.ForeignName;
        }

        if (present.Sources.Count + change.Sources.Count > limits.SourcesPerEndpoint) return SourceRejection.TooManySources;
        var groups = change.Groups.Where(group => group.Ssrcs.Count > 0 && !present.Groups.Contains(group)).Distinct().ToList();
        if (present.Groups.Count + groups.Count > limits.GroupsPerEndpoint) return SourceRejection.TooManyGroups;
        var addition = new SourceSet(change.Sources, groups);
        var result = new SourceSet([.. present.Sources, .. addition.Sources], [.. present.Groups, .. addition.Groups]);
        var rejection = Validate(result);
        if (rejection != SourceRejection.None) return rejection;
        Replace(owner, result);
        added = addition;
        return SourceRejection.None;
    }

    /// <param name="owner">The endpoint's id.</param>
    /// <param name="change">Sources to remove, matched by SSRC alone, and groups to remove.</param>
    /// <param name="removed">What was removed, as it was known: with names, msids, and all groups that touched a removed SSRC.</param>
    public SourceRejection TryRemove(string owner, SourceSet change, out SourceSet removed)
    {
        removed = SourceSet.Empty;
        var present = _sets[owner];
        var gone = new HashSet<uint>();
        foreach (var source in change.Sources)
        {
            if (!_ownersBySsrc.TryGetValue(source.Ssrc, out var ownedBy) || ownedBy != owner) return SourceRejection.NotFound;
            gone.Add(source.Ssrc);
        }

        foreach (var group in change.Groups)
        {
            if (group.Ssrcs.Count > 0 && !present.Groups.Any(known => Same(known, group))) return SourceRejection.NotFound;
        }

        bool Goes(SsrcGroup known) => known.Ssrcs.Any(gone.Contains) || change.Groups.Any(group => Same(known, group));
        var result = new SourceSet([.. present.Sources.Where(source => !gone.Contains(source.Ssrc))], [.. present.Groups.Where(group => !Goes(group))]);
        var rejection = Validate(result);
        if (rejection != SourceRejection.None) return rejection;
        removed = new SourceSet([.. present.Sources.Where(source => gone.Contains(source.Ssrc))], [.. present.Groups.Where(Goes)]);
        Replace(owner, result);
        return SourceRejection.None;
    }

    /// <summary>Removes all that an endpoint had, and says what it was.</summary>
    public SourceSet RemoveAll(string owner)
    {
        var present = _sets[owner];
        Replace(owner, SourceSet.Empty);
        return present;
    }

    /// <summary>Puts back what was validated before.</summary>
    public void Restore(string owner, SourceSet set) => Replace(owner, set);

    private void Replace(string owner, SourceSet set)
    {
        foreach (var source in _sets[owner].Sources)
        {
            _ownersBySsrc.Remove(source.Ssrc);
            if (source.Msid is not null) _ownersByMsid.Remove(source.Msid);
        }

        foreach (var source in set.Sources)
        {
            _ownersBySsrc[source.Ssrc] = owner;
            if (source.Msid is not null) _ownersByMsid[source.Msid] = owner;
        }

        _sets[owner] = set;
    }

    // A removal may omit the media type.
    private static bool Same(SsrcGroup known, SsrcGroup asked) => known.Semantics == asked.Semantics && known.Ssrcs.SequenceEqual(asked.Ssrcs);

    private static SourceRejection Validate(SourceSet set)
    {
        var sources = set.Sources.ToDictionary(source => source.Ssrc);
        foreach (var group in set.Groups)
        {
            if (group.Semantics == GroupSemantics.Fid && group.Ssrcs.Count != 2) return SourceRejection.FidGroupSize;
            string? msid = null;
            foreach (var ssrc in group.Ssrcs)
            {
                if (!sources.TryGetValue(ssrc, out var source) || source.Kind != group.Kind) return SourceRejection.GroupWithoutSource;
                if (source.Msid is null) return SourceRejection.GroupedSourceWithoutMsid;
                if (msid is not null && msid != source.Msid) return SourceRejection.GroupMsidsDiffer;
                msid = source.Msid;
            }
        }

        return SharesMsid(set) ? SourceRejection.MsidShared : SourceRejection.None;
    }

    // Groups that have an SSRC in common are one: a SIM with the FID of each of its layers. Each such one has its msid for itself within
    // its kind of media; audio and video may share.
    private static bool SharesMsid(SourceSet set)
    {
        var leader = set.Sources.ToDictionary(source => source.Ssrc, source => source.Ssrc);
        uint Find(uint ssrc)
        {
            while (leader[ssrc] != ssrc) ssrc = leader[ssrc] = leader[leader[ssrc]];
            return ssrc;
        }

        foreach (var group in set.Groups)
        {
            foreach (var ssrc in group.Ssrcs) leader[Find(ssrc)] = Find(group.Ssrcs[0]);
        }

        var users = new Dictionary<(MediaKind, string), uint>();
        foreach (var source in set.Sources)
        {
            if (source.Msid is null) continue;
            var one = Find(source.Ssrc);
            if (users.TryGetValue((source.Kind, source.Msid), out var other) && other != one) return true;
            users[(source.Kind, source.Msid)] = one;
        }

        return false;
    }
}
