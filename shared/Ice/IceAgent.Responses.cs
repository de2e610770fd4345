using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>Responses to our requests (RFC 8445 section 7.2.5).</summary>
public sealed partial class IceAgent
{
    private IceInput HandleResponse(in StunMessage message, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (!_outstanding.TryGetValue(message.TransactionId, out var check)) return IceInput.UnknownTransaction;

        // 400 and 401 cannot be authentic (the remote does not know us); anyone on the path could send them, so they end nothing: the timer does.
        if (!message.VerifyMessageIntegrity(_remotePasswordUtf8)) return IceInput.BadCredentials;
        if (message.GetUnknownRequired(stackalloc ushort[1]) > 0) return IceInput.UnknownAttribute;
        if (check.Kind != CheckKind.Consent) _outstanding.Remove(check.Id);

        if (message.Class == StunClass.ErrorResponse) return HandleErrorResponse(message, check, now);

        // "the source IP address and port of the response equals the destination ... the request was sent to" and the reverse (section 7.2.5.2.1).
        if (remote != check.Pair.RemoteAddress || local != check.Pair.LocalAddress || !message.TryGetXorMappedAddress(out var mapped))
        {
            if (check.Kind != CheckKind.Consent) FailCheck(check, now);
            return IceInput.CheckRefused;
        }

        HandleSuccess(check, mapped, now);
        return IceInput.ResponseAccepted;
    }

    private void HandleSuccess(Check check, TransportAddress mapped, MonotonicTime now)
    {
        var pair = check.Pair;
        pair.Heard(now);
        pair.HasAnswered = true;
        if (check.Transmissions == 1) RoundTripTime = now - check.LastSent;
        if (pair == _active)
        {
            ForgetConsentChecks();
            _consent.Refresh(now);
        }

        if (check.Kind == CheckKind.Consent) return;
        LearnLocal(pair, mapped);
        pair.State = PairState.Succeeded;
        pair.IsValid = true;
        Checks.Unfreeze(pair);
        if (_active is null) Activate(pair, now);
        if (State == IceState.Checking) SetState(IceState.Connected);
        _role.OnValidated(pair, check.Kind, now);
    }

    private IceInput HandleErrorResponse(in StunMessage message, Check check, MonotonicTime now)
    {
        message.TryGetErrorCode(out var code);
        if (code == StunErrorCode.RoleConflict)
        {
            // "the agent MUST switch its role" unless it has since the request (section 7.2.5.1), and takes another tie-breaker (section 16.1).
            if (check.Role == Role)
            {
                _tieBreaker = _random.NextUInt64();
                SwitchRole(now);
            }

            if (check.Kind != CheckKind.Consent) Checks.Trigger(check.Pair);
        }
        else if (check.Kind != CheckKind.Consent)
        {
            FailCheck(check, now);
        }

        return IceInput.CheckRefused;
    }

    /// <summary>Section 7.2.5.3.1: the remote sees us at an address that is not among our candidates.</summary>
    private void LearnLocal(CandidatePair pair, TransportAddress mapped)
    {
        if (mapped == pair.LocalAddress || _discoveredLocal.Count >= IceLimits.MaxLocalCandidates
            || _localCandidates.Exists(c => c.Address == mapped) || _discoveredLocal.Exists(c => c.Address == mapped)) return;
        var candidate = new Candidate
        {
            Type = CandidateType.PeerReflexive,
            Address = mapped,
            RelatedAddress = pair.LocalAddress,
            Priority = CandidatePriority.WithType(pair.Local.Priority, CandidateType.PeerReflexive),
            Foundation = CandidatePriority.Foundation(CandidateType.PeerReflexive, pair.LocalAddress),
        };
        _discoveredLocal.Add(candidate);
        Raise(new IceEvent.LocalCandidateDiscovered(candidate));
    }
}
