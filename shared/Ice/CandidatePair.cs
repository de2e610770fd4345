using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>RFC 8445 section 6.1.2.6.</summary>
internal enum PairState
{
    Frozen,
    Waiting,
    InProgress,
    Succeeded,
    Failed,
}

/// <summary>A socket of ours and a remote candidate. Local reflexive candidates are replaced by their base (section 6.1.2.4), so one socket and one remote make one pair.</summary>
internal sealed class CandidatePair(Candidate local, Candidate remote, IceRole role)
{
    public Candidate Local { get; } = local;

    public Candidate Remote { get; private set; } = remote;

    public TransportAddress LocalAddress => Local.Base;

    public TransportAddress RemoteAddress => Remote.Address;

    public ulong Priority { get; private set; } = Rank(local, remote, role);

    public PairState State { get; set; } = PairState.Frozen;

    /// <summary>A check of ours went through and nothing has shown since that it would not again.</summary>
    public bool IsValid { get; set; }

    /// <summary>The controlling side asked for this pair (its request carried USE-CANDIDATE).</summary>
    public bool IsNominatedByRemote { get; set; }

    /// <summary>An authentic request or response came this way.</summary>
    public bool HasBeenHeard { get; private set; }

    /// <summary>A check of ours was answered at some time: whoever is there wants them.</summary>
    public bool HasAnswered { get; set; }

    public MonotonicTime LastReceived { get; private set; }

    public void Heard(MonotonicTime now)
    {
        HasBeenHeard = true;
        LastReceived = now;
    }

    public bool HasFoundationOf(CandidatePair other) => Local.Foundation == other.Local.Foundation && Remote.Foundation == other.Remote.Foundation;

    public void Rerank(IceRole role) => Priority = Rank(Local, Remote, role);

    public void ReplaceRemote(Candidate remote, IceRole role)
    {
        Remote = remote;
        Rerank(role);
    }

    private static ulong Rank(Candidate local, Candidate remote, IceRole role) => role == IceRole.Controlling
        ? CandidatePriority.OfPair(local.Priority, remote.Priority)
        : CandidatePriority.OfPair(remote.Priority, local.Priority);
}
