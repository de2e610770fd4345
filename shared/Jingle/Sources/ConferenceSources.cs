namespace JitsiMesh.Jingle;

/// <summary>
/// All sources that the participants of a conference send. A change is validated as a whole and then applied, or refused with a reason,
/// without any effect. A participant cannot take over another's sources: neither those it sends, nor those of its last session, nor those that
/// the bridge sends, nor names and msids that begin with another's id.
/// </summary>
/// <param name="limits">For each endpoint.</param>
/// <param name="isParticipant">Whether an id belongs to a participant; if absent, only the ids of senders are known.</param>
public sealed class ConferenceSources(SourceLimits limits, Func<string, bool>? isParticipant = null)
{
    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Clients recognise the bridge's own sources by this text in their msid.</summary>
    public const string BridgeMsid = "mixedmslabel";

    private readonly SourceMap _sets = new();
    private readonly SourceMap _kept = new();
    private readonly Dictionary<uint, string> _ownersBySsrc = [];
    private readonly Dictionary<string, string> _ownersByMsid = [];
    private readonly Dictionary<uint, string> _keptSsrcs = [];
    private HashSet<uint> _bridgeSsrcs = [];

    public SourceMap Map => _sets;

    public SourceSet this[string owner] => _sets[owner];

    /// <param name="owner">The endpoint's id.</param>
    /// <param name="change">Sources and groups to add. Empty groups and exact repetitions of groups are ignored.</param>
    /// <param name="added">The new sources and groups.</param>
    public SourceRejection TryAdd(string owner, SourceSet change, out SourceSet added)
    {
        added = SourceSet.Empty;
        var present = _sets[owner];
        if (present.Sources.Count + change.Sources.Count > limits.SourcesPerEndpoint) return SourceRejection.TooManySources;
        var fresh = new HashSet<uint>();
        foreach (var source in change.Sources)
        {
            if (_ownersBySsrc.ContainsKey(source.Ssrc) || _bridgeSsrcs.Contains(source.Ssrc) || !fresh.Add(source.Ssrc)) return SourceRejection.SsrcInUse;
            if (_keptSsrcs.TryGetValue(source.Ssrc, out var former) && former != owner) return SourceRejection.SsrcInUse;
            if (source.Name is not null && !IsNameOf(owner, source.Name)) return SourceRejection.ForeignName;
            if (source.Msid is null) continue;
            if (_ownersByMsid.TryGetValue(source.Msid, out var other) && other != owner) return SourceRejection.MsidInUse;
            if (source.Msid.Contains(BridgeMsid, StringComparison.OrdinalIgnoreCase)) return SourceRejection.ForeignMsid;
            var dash = source.Msid.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && source.Msid[..dash] is var prefix && prefix != owner && (IsOfEndpoint(source.Msid, dash) || (isParticipant?.Invoke(prefix) ?? !_sets[prefix].IsEmpty))) return SourceRejection.ForeignMsid;
        }

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
    /// <param name="change">Sources to remove, matched only by SSRC, and groups to remove.</param>
    /// <param name="removed">The removed sources as stored: with names, msids, and all groups that contained a removed SSRC.</param>
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

    /// <summary>Removes and returns all sources of an endpoint.</summary>
    public SourceSet RemoveAll(string owner)
    {
        var present = _sets[owner];
        Replace(owner, SourceSet.Empty);
        return present;
    }

    /// <summary>
    /// Reserves the sources of an endpoint's ended session, until they are replaced: in its next session it may send with the
    /// same SSRCs, which no other endpoint may use meanwhile.
    /// </summary>
    public void Keep(string owner, SourceSet set)
    {
        foreach (var source in _kept[owner].Sources) _keptSsrcs.Remove(source.Ssrc);
        foreach (var source in set.Sources) _keptSsrcs[source.Ssrc] = owner;
        _kept[owner] = set;
    }

    /// <summary>The SSRCs that the bridge itself sends with; no endpoint may use them.</summary>
    public void SetBridgeSources(IEnumerable<SourceSet> sets) => _bridgeSsrcs = [.. sets.SelectMany(set => set.Sources).Select(source => source.Ssrc)];

    /// <summary>Restores sources that were validated before.</summary>
    public void Restore(string owner, SourceSet set) => Replace(owner, set);

    /// <summary>
    /// COMPAT(lib-jitsi-meet): <c>1a2b3c4d-audio-0-1 …</c>. Such an msid belongs to the endpoint that it names, whether in the room or not: otherwise another endpoint could take it while its
    /// owner is away for a moment, and the owner would then be refused.
    /// </summary>
    private static bool IsOfEndpoint(string msid, int dash) =>
        dash == 8 && !msid.AsSpan(0, dash).ContainsAnyExcept(HexDigits)
        && (msid.AsSpan(dash + 1).StartsWith("audio-", StringComparison.Ordinal) || msid.AsSpan(dash + 1).StartsWith("video-", StringComparison.Ordinal));

    // Ids have no '-', so a name belongs to at most one endpoint: a1b2c3d4-v0, and a1b2c3d4-a0.fr for translated audio.
    private static bool IsNameOf(string owner, string name)
    {
        if (!JingleText.IsSourceName(name) || !name.StartsWith(owner, StringComparison.Ordinal)) return false;
        var rest = name.AsSpan(owner.Length);
        if (rest.Length < 3 || rest[0] != '-' || !char.IsAsciiLetterLower(rest[1])) return false;
        var dot = rest.IndexOf('.');
        var number = dot < 0 ? rest[2..] : rest[2..dot];
        return number.Length is > 0 and <= 3 && !number.ContainsAnyExceptInRange('0', '9') && (dot < 0 || (dot + 1 < rest.Length && !rest[(dot + 1)..].Contains('-')));
    }

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
        var kinds = new Dictionary<string, MediaKind>(StringComparer.Ordinal);
        foreach (var source in set.Sources)
        {
            if (source.Name is not null && !kinds.TryAdd(source.Name, source.Kind) && kinds[source.Name] != source.Kind) return SourceRejection.NameShared;
        }

        foreach (var group in set.Groups)
        {
            if (group.Semantics == GroupSemantics.Fid && group.Ssrcs.Count != 2) return SourceRejection.FidGroupSize;
            if (group.Ssrcs.Distinct().Count() != group.Ssrcs.Count) return SourceRejection.GroupRepeatsSource;
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

    // Groups with a common SSRC belong together: a SIM with the FID of each of its layers. Each such set has an msid of its own within
    // its kind of media; audio and video may share one.
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
