using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>
/// Regular nomination (RFC 8445 section 8.1.1) of the first valid pair, as in jitsi-videobridge: one more check with USE-CANDIDATE. When the
/// nominated pair fails and another is valid, that one is nominated: a client that changes its network needs no restart. If a TCP pair was faster, a UDP pair is
/// nominated as soon as one is valid: over TCP a lost packet delays all packets after it.
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
        else if (_nominee is null && (!Agent.HasNominated || (kind != CheckKind.Consent && Agent.Nominated is { LocalAddress.IsTcp: true } && !pair.LocalAddress.IsTcp)))
        {
            Nominate(pair);
        }
    }

    public override void OnUseCandidate(CandidatePair pair, MonotonicTime now)
    {
        // "The controlled agent ... MUST NOT include it": the remote is in error, and the nomination is ignored.
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
