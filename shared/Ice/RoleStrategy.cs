using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The differences between the two roles: which side nominates, and the effect of a nomination (RFC 8445 section 8).</summary>
internal abstract class RoleStrategy(IceAgent agent)
{
    protected IceAgent Agent { get; } = agent;

    public abstract IceRole Role { get; }

    /// <summary>The role attribute of this agent's requests.</summary>
    public abstract StunAttribute OwnAttribute { get; }

    /// <summary>The attribute of a request that conflicts with this agent's role.</summary>
    public StunAttribute ConflictingAttribute => OwnAttribute;

    /// <summary>
    /// RFC 8445 section 7.3.1.1: on a conflict the side with the larger tie-breaker ends up controlling; equal ones favour the receiver.
    /// </summary>
    /// <returns>True: keep the role and answer 487. False: switch.</returns>
    public abstract bool WinsConflict(ulong ownTieBreaker, ulong remoteTieBreaker);

    /// <summary>Whether the next check of the pair carries USE-CANDIDATE.</summary>
    public abstract bool Nominates(CandidatePair pair);

    /// <summary>Called when the agent enters this role.</summary>
    public abstract void Enter(MonotonicTime now);

    public abstract void OnValidated(CandidatePair pair, CheckKind kind, MonotonicTime now);

    /// <summary>Called for an authenticated request with USE-CANDIDATE on the pair.</summary>
    public abstract void OnUseCandidate(CandidatePair pair, MonotonicTime now);

    /// <summary>Called when a pair failed, or the selected one lost its consent while others are valid.</summary>
    public abstract void OnLost(CandidatePair pair, MonotonicTime now);
}
