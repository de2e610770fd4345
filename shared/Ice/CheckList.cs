using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The pairs of the component and the order of their checks (RFC 8445 section 6.1).</summary>
internal sealed class CheckList
{
    private readonly List<Candidate> _bases = [];
    private readonly List<Candidate> _remotes = [];
    private readonly List<CandidatePair> _pairs = [];
    private readonly List<CandidatePair> _triggered = [];

    public IReadOnlyList<CandidatePair> Pairs => _pairs;

    /// <summary>Whether <see cref="TakeNext"/> would return a pair.</summary>
    public bool HasNext(bool triggeredOnly) => _triggered.Count > 0 || (!triggeredOnly && BestOrdinary() is not null);

    /// <summary>Forms the pairs of a local candidate, unless its base already has them.</summary>
    public void AddLocal(Candidate candidate, IceRole role)
    {
        if (_bases.Exists(b => b.Base == candidate.Base)) return;
        _bases.Add(candidate);
        foreach (var remote in _remotes) AddPair(candidate, remote, role);
    }

    /// <summary>Forms the pairs of a remote candidate. For a known address only the better description is taken over.</summary>
    /// <returns>False when it was already known or the list is full.</returns>
    public bool AddRemote(Candidate candidate, IceRole role)
    {
        var known = _remotes.FindIndex(r => r.Address == candidate.Address);
        if (known >= 0)
        {
            if (candidate.Type != CandidateType.PeerReflexive) Redescribe(known, candidate, role);
            return false;
        }

        if (_remotes.Count >= IceLimits.MaxRemoteCandidates
            && (candidate.Type != CandidateType.PeerReflexive || !ForgetOldestDiscovered())) return false;
        _remotes.Add(candidate);
        foreach (var local in _bases) AddPair(local, candidate, role);
        return true;
    }

    public CandidatePair? Find(TransportAddress local, TransportAddress remote)
    {
        foreach (var pair in _pairs)
        {
            if (pair.RemoteAddress == remote && pair.LocalAddress == local) return pair;
        }

        return null;
    }

    /// <summary>The pair of an authenticated request; an address that was not signalled becomes a peer-reflexive candidate (RFC 8445 section 7.3.1.3).</summary>
    /// <param name="request">The request with its source and destination.</param>
    /// <param name="role">The role of this agent.</param>
    /// <param name="discovered">The candidate, if it is new.</param>
    /// <returns>Null when the list is full.</returns>
    public CandidatePair? FindOrForm(ReceivedCheck request, IceRole role, out Candidate? discovered)
    {
        discovered = null;
        if (Find(request.Local, request.Remote) is { } known) return known;
        if (!_bases.Exists(b => b.Base == request.Local))
        {
            // A socket that the owner did not add, perhaps one bound to a wildcard address. That a request arrived on it is enough.
            if (_bases.Count >= IceLimits.MaxLocalCandidates) return null;
            AddLocal(Candidate.CreateHost(request.Local, 0), role);
        }

        var candidate = Candidate.CreatePeerReflexive(request.Remote, request.Priority);
        if (AddRemote(candidate, role)) discovered = candidate;
        return Find(request.Local, request.Remote);
    }

    public void Trigger(CandidatePair pair)
    {
        if (pair.State != PairState.Succeeded) pair.State = PairState.Waiting;
        if (!_triggered.Contains(pair)) _triggered.Add(pair);
    }

    /// <summary>Section 6.1.4.2: a triggered check first, then the best waiting pair, then the best frozen pair whose foundation has no check in progress.</summary>
    public CandidatePair? TakeNext(bool triggeredOnly)
    {
        if (_triggered.Count > 0)
        {
            var pair = _triggered[0];
            _triggered.RemoveAt(0);
            return pair;
        }

        return triggeredOnly ? null : BestOrdinary();
    }

    /// <summary>Section 7.2.5.3.3: pairs with the foundation of a successful pair are unfrozen.</summary>
    public void Unfreeze(CandidatePair succeeded)
    {
        foreach (var pair in _pairs)
        {
            if (pair.State == PairState.Frozen && pair.HasFoundationOf(succeeded)) pair.State = PairState.Waiting;
        }
    }

    public void Rerank(IceRole role)
    {
        foreach (var pair in _pairs) pair.Rerank(role);
    }

    /// <summary>The valid pair with the most recent packet from the remote; on a tie the one with the higher priority.</summary>
    public CandidatePair? FreshestValid()
    {
        CandidatePair? best = null;
        foreach (var pair in _pairs)
        {
            if (!pair.IsValid) continue;
            if (best is null || pair.LastReceived > best.LastReceived
                || (pair.LastReceived == best.LastReceived && pair.Priority > best.Priority)) best = pair;
        }

        return best;
    }

    /// <summary>Removes a pair whose TCP connection has closed: its remote port will not be used again.</summary>
    public void Forget(CandidatePair pair)
    {
        _remotes.RemoveAll(r => r.Address == pair.RemoteAddress && r.Type == CandidateType.PeerReflexive);
        _pairs.Remove(pair);
        _triggered.Remove(pair);
    }

    public bool HasOtherValid(CandidatePair than) => _pairs.Exists(p => p.IsValid && !p.IsClosed && p != than);

    public void Clear()
    {
        _remotes.Clear();
        _pairs.Clear();
        _triggered.Clear();
    }

    private CandidatePair? BestOrdinary() => Best(PairState.Waiting) ?? Best(PairState.Frozen);

    private CandidatePair? Best(PairState state)
    {
        CandidatePair? best = null;
        foreach (var pair in _pairs)
        {
            if (pair.State == state && (best is null || pair.Priority > best.Priority)
                && (state != PairState.Frozen || !IsFoundationBusy(pair))) best = pair;
        }

        return best;
    }

    private bool IsFoundationBusy(CandidatePair pair) =>
        _pairs.Exists(p => p.State is PairState.Waiting or PairState.InProgress && p.HasFoundationOf(pair));

    private void AddPair(Candidate local, Candidate remote, IceRole role)
    {
        if (local.Base.IsIPv4 != remote.Address.IsIPv4 || local.Base.IsTcp != remote.Address.IsTcp) return;
        if (_pairs.Count >= IceLimits.MaxPairs && !ForgetWorst()) return;
        var pair = new CandidatePair(local, remote, role);
        if (!IsFoundationBusy(pair)) pair.State = PairState.Waiting;
        _pairs.Add(pair);
    }

    private void Redescribe(int index, Candidate candidate, IceRole role)
    {
        var old = _remotes[index];
        if (old.Type != CandidateType.PeerReflexive) return;
        _remotes[index] = candidate;
        foreach (var pair in _pairs)
        {
            if (pair.Remote == old) pair.ReplaceRemote(candidate, role);
        }
    }

    private bool ForgetOldestDiscovered()
    {
        var index = _remotes.FindIndex(r => r.Type == CandidateType.PeerReflexive && !_pairs.Exists(p => p.IsValid && p.RemoteAddress == r.Address));
        if (index < 0) return false;
        var address = _remotes[index].Address;
        _remotes.RemoveAt(index);
        _pairs.RemoveAll(p => p.RemoteAddress == address);
        _triggered.RemoveAll(p => p.RemoteAddress == address);
        return true;
    }

    private bool ForgetWorst()
    {
        CandidatePair? worst = null;
        foreach (var pair in _pairs)
        {
            if (!pair.IsValid && (worst is null || pair.Priority < worst.Priority)) worst = pair;
        }

        if (worst is null) return false;
        _pairs.Remove(worst);
        _triggered.Remove(worst);
        return true;
    }
}
