using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>
/// Regular nomination (RFC 8445 section 8.1.1) of the first valid pair, as today's bridge does: one more check with USE-CANDIDATE. When the
/// nominated pair dies and another is valid, that one is nominated: a client that changed its network needs no restart.
/// </summary>
internal sealed class ControllingStrategy(IceAgent agent) : RoleStrategy(agent)
{
    private CandidatePair? _nominee;

    public override IceRole Role => IceRole.Controlling;

    public override StunAttribute OwnAttribute => StunAttribute.IceControlling;

    public override bool WinsConflict(ulong ownTieBreaker, ulong remoteTieBreaker) => ownTieBreaker >= remoteTieBreaker;

    public override bool Nominates(CandidatePair pair) => pair == _nominee;

    public override void Enter(MonotonicTime now) => NominateFreshest();

    public override void OnValidated(CandidatePair pair, CheckKind kind, MonotonicTime now)
    {
        if (kind == CheckKind.Nomination && pair == _nominee)
        {
            _nominee = null;
            Agent.Complete(pair, now);
        }
        else if (_nominee is null && !Agent.HasNominated)
        {
            Nominate(pair);
        }
    }

    public override void OnUseCandidate(CandidatePair pair, MonotonicTime now)
    {
        // "The controlled agent ... MUST NOT include it": a confused remote, and not its decision.
    }

    public override void OnLost(CandidatePair pair, MonotonicTime now)
    {
        if (pair == _nominee) _nominee = null;
        NominateFreshest();
    }

    private void NominateFreshest()
    {
        if (_nominee is null && !Agent.HasNominated && Agent.Checks.FreshestValid() is { } pair) Nominate(pair);
    }

    private void Nominate(CandidatePair pair)
    {
        _nominee = pair;
        Agent.Checks.Trigger(pair);
    }
}
