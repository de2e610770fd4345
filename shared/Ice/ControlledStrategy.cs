using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>
/// Accepts the nominations of the remote (RFC 8445 section 7.3.1.5). A later one replaces an earlier one; within
/// <see cref="AggressiveWindow"/> only if its pair has a higher priority, so that both sides end on the same pair when the remote sends USE-CANDIDATE on every check (RFC 5245's
/// aggressive nomination). While one pair carries the data, another one must answer a new check first: its nomination may be a
/// replayed one, from an address that worked once.
/// </summary>
internal sealed class ControlledStrategy(IceAgent agent) : RoleStrategy(agent)
{
    /// <summary>Longer than a burst of first checks lasts, shorter than a person waits for a path that moved.</summary>
    private static readonly TimeSpan AggressiveWindow = TimeSpan.FromSeconds(2);

    private MonotonicTime _nominatedAt;

    public override IceRole Role => IceRole.Controlled;

    public override StunAttribute OwnAttribute => StunAttribute.IceControlled;

    public override bool WinsConflict(ulong ownTieBreaker, ulong remoteTieBreaker) => ownTieBreaker < remoteTieBreaker;

    public override bool Nominates(CandidatePair pair) => false;

    public override void Enter(MonotonicTime now)
    {
        // The remote nominates when it is ready.
    }

    public override void OnValidated(CandidatePair pair, CheckKind kind, MonotonicTime now)
    {
        if (pair.IsNominatedByRemote && kind != CheckKind.Consent) Take(pair, now);
    }

    public override void OnUseCandidate(CandidatePair pair, MonotonicTime now)
    {
        pair.IsNominatedByRemote = true;
        if (!pair.IsValid) return;
        if (Agent.Nominated is null || Agent.Nominated == pair) Take(pair, now);
        else Agent.Recheck(pair);
    }

    public override void OnLost(CandidatePair pair, MonotonicTime now) => pair.IsNominatedByRemote = false;

    private void Take(CandidatePair pair, MonotonicTime now)
    {
        if (Agent.Nominated is { } current && current != pair)
        {
            // In both cases one nomination is used up: a later check of that pair must not restore it by itself.
            var refused = pair.Priority < current.Priority && now - _nominatedAt < AggressiveWindow;
            (refused ? pair : current).IsNominatedByRemote = false;
            if (refused) return;
        }

        _nominatedAt = now;
        Agent.Complete(pair, now);
    }
}
