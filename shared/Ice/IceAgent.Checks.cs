using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>Our own requests: pacing, timers, consent.</summary>
public sealed partial class IceAgent
{
    /// <summary>Does all that is due and finds the next deadline. Runs at the end of every input.</summary>
    private void Progress(MonotonicTime now)
    {
        if (now >= _failAt && State == IceState.Checking)
        {
            Fail(IceFailure.NoValidPair);
            return;
        }

        AdvanceOutstanding(now);
        AdvanceConsent(now);
        if (RemoteUfrag is not null && !HasEnded) SendPaced(now);
        NextTimeout = FindNextTimeout();
    }

    private void SendPaced(MonotonicTime now)
    {
        // After the nomination only triggered checks go out (RFC 8445 section 8.1.2): they keep other ways open for the day the selected one dies.
        if (now < _nextCheck || Checks.TakeNext(triggeredOnly: HasNominated) is not { } pair) return;
        _nextCheck = now + _options.CheckInterval;
        StartCheck(pair, now);
    }

    private void StartCheck(CandidatePair pair, MonotonicTime now)
    {
        var kind = _role.Nominates(pair) ? CheckKind.Nomination : CheckKind.Connectivity;
        if (!MayCheck(pair, now))
        {
            // A check of the remote's that comes this way makes it wait for its turn again.
            if (pair.State != PairState.Succeeded) pair.State = PairState.Failed;
            return;
        }

        if (pair.State != PairState.Succeeded) pair.State = PairState.InProgress;
        Send(pair, kind, now);
    }

    /// <summary>Whether a check may go there: to who never answered one only so many do.</summary>
    private bool MayCheck(CandidatePair pair, MonotonicTime now)
    {
        if (pair.HasAnswered || _unanswered.TryTake(1, now)) return true;
        ChecksWithheld++;
        return false;
    }

    private void Send(CandidatePair pair, CheckKind kind, MonotonicTime now)
    {
        var id = StunTransactionId.Create(_random);
        var datagram = WriteRequest(pair, kind, id);
        _outstanding[id] = new Check(id, pair, kind, Role, datagram, _options.InitialRto, now);
        Transmit(pair.LocalAddress, pair.RemoteAddress, datagram);
    }

    private byte[] WriteRequest(CandidatePair pair, CheckKind kind, StunTransactionId id)
    {
        var writer = new StunWriter(stackalloc byte[StunLimits.MaxBuiltSize], StunClass.Request, StunMethod.Binding, id);
        writer.AddBytes(StunAttribute.Username, _requestUsername);
        writer.AddPriority(CandidatePriority.WithType(pair.Local.Priority, CandidateType.PeerReflexive));
        writer.AddTieBreaker(_role.OwnAttribute, _tieBreaker);
        if (kind == CheckKind.Nomination) writer.AddUseCandidate();
        writer.AddMessageIntegrity(_remotePasswordUtf8);
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }

    private void AdvanceOutstanding(MonotonicTime now)
    {
        List<Check>? expired = null;
        foreach (var check in _outstanding.Values)
        {
            if (now < check.NextTimeout) continue;
            if (check.Transmissions >= _options.MaxTransmissions)
            {
                (expired ??= []).Add(check);
                continue;
            }

            check.Resent(_options.MaxRto, now);
            if (MayCheck(check.Pair, now)) Transmit(check.Pair.LocalAddress, check.Pair.RemoteAddress, check.Datagram);
        }

        foreach (var check in expired ?? [])
        {
            if (_outstanding.Remove(check.Id)) FailCheck(check, now);
        }
    }

    private void FailCheck(Check check, MonotonicTime now) => Lose(check.Pair, IceFailure.NoValidPair, now);

    private void AdvanceConsent(MonotonicTime now)
    {
        if (_active is not { } pair) return;
        switch (_consent.Advance(now))
        {
            case ConsentStep.Send:
                Send(pair, CheckKind.Consent, now);
                break;
            case ConsentStep.Expired:
                Lose(pair, IceFailure.ConsentExpired, now);
                break;
        }
    }

    private void ForgetConsentChecks()
    {
        foreach (var check in _outstanding.Values)
        {
            if (check.Kind == CheckKind.Consent) _outstanding.Remove(check.Id);
        }
    }

    private Check? FindCheckOf(CandidatePair pair)
    {
        foreach (var check in _outstanding.Values)
        {
            if (check.Pair == pair && check.Kind != CheckKind.Consent) return check;
        }

        return null;
    }

    private MonotonicTime FindNextTimeout()
    {
        if (HasEnded) return MonotonicTime.Never;
        var next = MonotonicTime.Min(_consent.NextTimeout, State == IceState.Checking ? _failAt : MonotonicTime.Never);
        foreach (var check in _outstanding.Values) next = MonotonicTime.Min(next, check.NextTimeout);
        var checksWait = RemoteUfrag is not null && Checks.HasNext(triggeredOnly: HasNominated);
        return checksWait ? MonotonicTime.Min(next, _nextCheck) : next;
    }
}
