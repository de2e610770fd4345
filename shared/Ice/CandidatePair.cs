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

/// <summary>A local socket and a remote candidate. Local reflexive candidates are replaced by their base (section 6.1.2.4), so one socket and one remote form one pair.</summary>
internal sealed class CandidatePair(Candidate local, Candidate remote, IceRole role)
{
    public Candidate Local { get; } = local;

    public Candidate Remote { get; private set; } = remote;

    public TransportAddress LocalAddress => Local.Base;

    public TransportAddress RemoteAddress => Remote.Address;

    public ulong Priority { get; private set; } = Rank(local, remote, role);

    public PairState State { get; set; } = PairState.Frozen;

    /// <summary>A check of this agent succeeded, and no later check has failed.</summary>
    public bool IsValid { get; set; }

    /// <summary>The controlling side nominated this pair (its request carried USE-CANDIDATE).</summary>
    public bool IsNominatedByRemote { get; set; }

    /// <summary>An authenticated request or response arrived on this pair.</summary>
    public bool HasBeenHeard { get; private set; }

    /// <summary>A check of this agent was answered at some time, so the remote consents to checks.</summary>
    public bool HasAnswered { get; set; }

    /// <summary>Its TCP connection has closed: the pair cannot carry packets any more.</summary>
    public bool IsClosed { get; set; }

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
