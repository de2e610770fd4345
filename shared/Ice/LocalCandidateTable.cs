using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The local candidates: those that the owner added, and those discovered from responses.</summary>
internal sealed class LocalCandidateTable
{
    private readonly List<Candidate> _added = [];
    private readonly List<Candidate> _discovered = [];

    public IReadOnlyList<Candidate> Added => _added;

    public void Add(Candidate candidate)
    {
        if (_added.Count >= IceLimits.MaxLocalCandidates) throw new InvalidOperationException("Too many local candidates.");
        _added.Add(candidate);
    }

    /// <summary>RFC 8445 section 7.2.5.3.1: the remote sees this agent at an address that is not among its candidates.</summary>
    /// <returns>The candidate; null when the address was known or the table is full.</returns>
    public Candidate? Discover(CandidatePair pair, TransportAddress mapped)
    {
        if (mapped == pair.LocalAddress || _discovered.Count >= IceLimits.MaxLocalCandidates
            || _added.Exists(c => c.Address == mapped) || _discovered.Exists(c => c.Address == mapped)) return null;
        var candidate = new Candidate
        {
            Type = CandidateType.PeerReflexive,
            Address = mapped,
            RelatedAddress = pair.LocalAddress,
            Protocol = pair.Local.Protocol,
            Priority = CandidatePriority.WithType(pair.Local.Priority, CandidateType.PeerReflexive, pair.LocalAddress.IsTcp),
            Foundation = CandidatePriority.Foundation(CandidateType.PeerReflexive, pair.LocalAddress),
        };
        _discovered.Add(candidate);
        return candidate;
    }
}
