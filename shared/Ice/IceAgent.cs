using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>
/// A full ICE agent (RFC 8445) for one component, both roles, with consent freshness (RFC 7675). It has no socket and no clock: pass it
/// datagrams and the time, then drain <see cref="TryDequeueTransmit"/> and <see cref="TryDequeueEvent"/>. Not thread-safe.
/// </summary>
/// <remarks>
/// Checks begin when the remote credentials are known, even without any remote candidate: Jitsi clients never trickle, so their addresses become known
/// by their checks. Checks that arrive earlier are answered and remembered.
/// </remarks>
public sealed class IceAgent
{
    private const string IceChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly IceAgentOptions _options;
    private readonly AgentOutput _output = new();
    private readonly LocalCandidateTable _locals = new();
    private readonly List<Candidate> _toldCandidates = [];
    private readonly EarlyChecks _earlyChecks = new();
    private readonly CheckResponder _responder;
    private readonly CheckSender _sender;
    private readonly PairSelection _selection;

    private RoleStrategy _role;
    private MonotonicTime _nextCheck = MonotonicTime.Zero;
    private MonotonicTime _failAt = MonotonicTime.Never;

    /// <param name="options">Role, credentials, timings.</param>
    /// <param name="random">For credentials, transaction ids and jitter.</param>
    /// <param name="unanswered">The session's budget of checks to addresses that never answered, from <see cref="CreateCheckBudget"/>; null if the agent is its own session.</param>
    public IceAgent(IceAgentOptions options, IRandomSource random, TokenBucket? unanswered = null)
    {
        _options = options;
        Ufrag = options.Ufrag ?? random.NextString(8, IceChars);
        Password = options.Password ?? random.NextString(24, IceChars);
        _responder = new CheckResponder(Ufrag, Password, _output);
        _sender = new CheckSender(options, random, unanswered ?? CreateCheckBudget(), _output);
        _selection = new PairSelection(options, random, _sender, _output);
        _role = MakeStrategy(options.Role);
    }

    public string Ufrag { get; }

    public string Password { get; }

    public IceRole Role => _role.Role;

    public IceState State { get; private set; }

    public IceFailure Failure { get; private set; }

    /// <summary>The candidates to signal to the remote.</summary>
    public IReadOnlyList<Candidate> LocalCandidates => _locals.Added;

    /// <summary>The earliest time at which <see cref="HandleTimeout"/> must be called.</summary>
    public MonotonicTime NextTimeout { get; private set; } = MonotonicTime.Never;

    /// <summary>Round trip of the last answered check that was not retransmitted; null before the first.</summary>
    public TimeSpan? RoundTripTime { get; private set; }

    /// <summary>Null until the remote credentials are set.</summary>
    public string? RemoteUfrag { get; private set; }

    /// <summary>Signalled remote candidates that are never checked: no host address, a port below the limit, or a scope that no local socket shares.</summary>
    public long CandidatesRefused { get; private set; }

    /// <summary>Checks that were not sent because too many earlier ones were unanswered.</summary>
    public long ChecksWithheld => _sender.Withheld;

    internal CheckList Checks { get; } = new();

    internal CandidatePair? Nominated => _selection.Nominated;

    internal bool HasNominated => Nominated is not null;

    private bool HasEnded => State is IceState.Failed or IceState.Closed;

    /// <summary>The budget that the agents of one session share, so that a restart does not reset it.</summary>
    public static TokenBucket CreateCheckBudget() => new(IceLimits.UnansweredPerSecond, IceLimits.UnansweredBurst);

    /// <summary>Every local socket must be the base of a candidate; otherwise <see cref="HandleStun"/> treats it as one of the lowest priority.</summary>
    public void AddLocalCandidate(Candidate candidate)
    {
        _locals.Add(candidate);
        Checks.AddLocal(candidate, Role);
    }

    /// <summary>
    /// Starts the checks. The same credentials again have no effect; others restart with the remote's current role and candidates. The owner must refuse
    /// credentials that <see cref="IceCredentials"/> rejects; this method throws only for those that do not fit into a check.
    /// </summary>
    public void SetRemoteCredentials(string ufrag, string password, MonotonicTime now)
    {
        if (HasEnded) return;
        if (!IceCredentials.AreBounded(ufrag, password)) throw new ArgumentException("Remote credentials beyond RFC 8839.", nameof(ufrag));
        var passwordUtf8 = Encoding.UTF8.GetBytes(password);
        if (ufrag == RemoteUfrag && _sender.HasPassword(passwordUtf8)) return;
        if (RemoteUfrag is not null) ForgetRemote();
        RemoteUfrag = ufrag;
        _sender.SetRemote(Encoding.UTF8.GetBytes($"{ufrag}:{Ufrag}"), passwordUtf8);
        _failAt = now + _options.FailureTimeout;
        SetState(IceState.Checking);
        foreach (var candidate in _toldCandidates) Checks.AddRemote(candidate, Role);
        _toldCandidates.Clear();
        foreach (var check in _earlyChecks.Take()) Learn(check, now);
        Progress(now);
    }

    /// <summary>Candidates of another component or protocol are ignored, and those that <see cref="CandidateScope"/> excludes.</summary>
    public void AddRemoteCandidate(Candidate candidate, MonotonicTime now)
    {
        if (HasEnded || candidate.Component != 1 || (candidate.Address.IsTcp ? !_options.ChecksTcp : !candidate.Protocol.Equals("udp", StringComparison.OrdinalIgnoreCase))) return;
        if (candidate.Address.Port < _options.MinToldPort || !CandidateScope.MayCheck(candidate.Address, _locals.Added))
        {
            CandidatesRefused++;
            return;
        }

        if (RemoteUfrag is null)
        {
            if (_toldCandidates.Count < IceLimits.MaxRemoteCandidates) _toldCandidates.Add(candidate);
            return;
        }

        Checks.AddRemote(candidate, Role);
        Progress(now);
    }

    /// <summary>Whether the ufrag, as <see cref="StunDemux.TryGetLocalUfrag"/> found it, belongs to this agent.</summary>
    public bool IsUfrag(ReadOnlySpan<byte> ufragUtf8) => _responder.IsUfrag(ufragUtf8);

    /// <summary>Whether an authenticated check or response came from this address. A DTLS client sends only after its own check succeeded, so packets from other addresses can be ignored.</summary>
    public bool HasHeardFrom(TransportAddress local, TransportAddress remote) =>
        Checks.Find(local, remote) is { HasBeenHeard: true } || _earlyChecks.Has(local, remote);

    /// <summary>Whether a datagram has the transaction id of a pending check. Nothing is verified.</summary>
    public bool AwaitsResponse(ReadOnlySpan<byte> datagram) =>
        StunDemux.TryGetTransaction(datagram, out var id) && _sender.Awaits(id);

    /// <param name="datagram">Any datagram with a STUN header.</param>
    /// <param name="local">The address of the local socket that received it.</param>
    /// <param name="remote">The source address.</param>
    /// <param name="now">The time of its arrival.</param>
    public IceInput HandleStun(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (HasEnded) return IceInput.AgentEnded;
        if (!StunMessage.TryParse(datagram, out var message)) return IceInput.Malformed;
        if (!message.VerifyFingerprint()) return IceInput.BadFingerprint;
        if (message.Method != StunMethod.Binding) return IceInput.UnknownMethod;
        var result = message.Class switch
        {
            StunClass.Request => HandleRequest(message, local, remote, now),
            StunClass.Indication => _responder.Judge(message),
            _ => HandleResponse(message, local, remote, now),
        };
        if (!HasEnded) Progress(now);
        return result;
    }

    /// <summary>
    /// The TCP connection of a pair has closed. Data moves to another valid pair at once. If there is none, the pair keeps its consent until it
    /// expires, since the client will open another connection, whose pair takes over as soon as it is valid.
    /// </summary>
    public void HandleConnectionClosed(TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (HasEnded) return;
        _earlyChecks.Forget(local, remote);
        if (Checks.Find(local, remote) is not { } pair) return;
        pair.IsClosed = true;
        if (pair == _selection.Active && !Checks.HasOtherValid(pair))
        {
            // Without a nomination the checks continue, and the next valid pair is nominated.
            _selection.ForgetNomination(pair);
            pair.IsNominatedByRemote = false;
            SetState(IceState.Connected);
        }
        else
        {
            Drop(pair, now);
        }

        if (!HasEnded) Progress(now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (!HasEnded) Progress(now);
    }

    public bool TryDequeueTransmit(out IceTransmit transmit) => _output.TryDequeueTransmit(out transmit);

    public bool TryDequeueEvent([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IceEvent? iceEvent) => _output.TryDequeueEvent(out iceEvent);

    /// <summary>The pair for data: the nominated one, or before a nomination a valid one (the first valid pair already opens the path).</summary>
    public bool TryGetSelectedPair(out TransportAddress local, out TransportAddress remote)
    {
        local = _selection.Active?.LocalAddress ?? default;
        remote = _selection.Active?.RemoteAddress ?? default;
        return _selection.Active is not null;
    }

    public void Close()
    {
        if (HasEnded) return;
        End(IceState.Closed);
    }

    /// <summary>The pair carries the data from now on, as nominated by the controlling side.</summary>
    internal void Complete(CandidatePair pair, MonotonicTime now)
    {
        _selection.Nominate(pair, now);
        SetState(IceState.Completed);
    }

    /// <summary>Checks a previously valid pair again, unless a check of it is in progress.</summary>
    internal void Recheck(CandidatePair pair)
    {
        if (_sender.FindOf(pair) is null) Checks.Trigger(pair);
    }

    /// <summary>Handles requests of the remote (RFC 8445 section 7.3).</summary>
    private IceInput HandleRequest(in StunMessage message, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (_responder.Refuse(message, local, remote) is { } refusal) return refusal;

        // Role conflict (section 7.3.1.1).
        if (message.TryGetTieBreaker(_role.ConflictingAttribute, out var theirs))
        {
            if (_role.WinsConflict(_sender.TieBreaker, theirs))
            {
                _responder.RefuseRole(message.TransactionId, local, remote);
                return IceInput.RoleConflictAnswered;
            }

            SwitchRole(now);
        }

        // Answer first, then process the request.
        _responder.Accept(message.TransactionId, local, remote);
        var check = new ReceivedCheck(
            local,
            remote,
            message.TryGetPriority(out var priority) ? priority : CandidatePriority.Compute(CandidateType.PeerReflexive, 0),
            message.HasAttribute(StunAttribute.UseCandidate));
        if (RemoteUfrag is null) _earlyChecks.Remember(check);
        else Learn(check, now);
        return IceInput.RequestAnswered;
    }

    /// <summary>RFC 8445 sections 7.3.1.3 to 7.3.1.5.</summary>
    private void Learn(ReceivedCheck request, MonotonicTime now)
    {
        var pair = Checks.FindOrForm(request, Role, out var discovered);
        if (discovered is not null) _output.Raise(new IceEvent.RemoteCandidateDiscovered(discovered));
        if (pair is null) return;
        pair.Heard(now);
        if (pair.State != PairState.Succeeded)
        {
            if (pair.State == PairState.InProgress && _sender.FindOf(pair) is { } check) _sender.Hurry(check, now);
            else Checks.Trigger(pair);
        }

        if (request.UseCandidate) _role.OnUseCandidate(pair, now);
    }

    /// <summary>Handles responses to this agent's requests (RFC 8445 section 7.2.5).</summary>
    private IceInput HandleResponse(in StunMessage message, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (_sender.Match(message, out var check) is { } refusal) return refusal;
        if (message.Class == StunClass.ErrorResponse) return HandleErrorResponse(message, check, now);

        // "the source IP address and port of the response equals the destination ... the request was sent to" and the reverse (section 7.2.5.2.1).
        if (remote != check.Pair.RemoteAddress || local != check.Pair.LocalAddress || !message.TryGetXorMappedAddress(out var mapped))
        {
            if (check.Kind != CheckKind.Consent) Lose(check.Pair, IceFailure.NoValidPair, now);
            return IceInput.CheckRefused;
        }

        HandleSuccess(check, mapped with { IsTcp = local.IsTcp }, now);
        return IceInput.ResponseAccepted;
    }

    private void HandleSuccess(Check check, TransportAddress mapped, MonotonicTime now)
    {
        var pair = check.Pair;
        pair.Heard(now);
        pair.HasAnswered = true;
        if (check.Transmissions == 1) RoundTripTime = now - check.LastSent;
        if (pair == _selection.Active) _selection.Refresh(now);
        if (check.Kind == CheckKind.Consent) return;
        if (_locals.Discover(pair, mapped) is { } discovered) _output.Raise(new IceEvent.LocalCandidateDiscovered(discovered));
        pair.State = PairState.Succeeded;
        pair.IsValid = true;
        Checks.Unfreeze(pair);
        if (_selection.Active is { IsClosed: true } gone && gone != pair) Drop(gone, now);
        if (_selection.Active is null) _selection.Activate(pair, now);
        if (State == IceState.Checking) SetState(IceState.Connected);
        _role.OnValidated(pair, check.Kind, now);
    }

    private IceInput HandleErrorResponse(in StunMessage message, Check check, MonotonicTime now)
    {
        message.TryGetErrorCode(out var code);
        if (code == StunErrorCode.RoleConflict)
        {
            // "the agent MUST switch its role" unless it has switched since the request (section 7.2.5.1), and changes its tie-breaker (section 16.1).
            if (check.Role == Role)
            {
                _sender.ChangeTieBreaker();
                SwitchRole(now);
            }

            if (check.Kind != CheckKind.Consent) Checks.Trigger(check.Pair);
        }
        else if (check.Kind != CheckKind.Consent)
        {
            Lose(check.Pair, IceFailure.NoValidPair, now);
        }

        return IceInput.CheckRefused;
    }

    /// <summary>Carries out all due actions and computes the next deadline. Runs at the end of every input.</summary>
    private void Progress(MonotonicTime now)
    {
        if (now >= _failAt && State == IceState.Checking)
        {
            Fail(IceFailure.NoValidPair);
            return;
        }

        if (_sender.Advance(now) is { } expired) LosePairsOf(expired, now);
        if (_selection.AdvanceConsent(_role, now) is { } silent) Lose(silent, IceFailure.ConsentExpired, now);
        if (RemoteUfrag is not null && !HasEnded) SendPaced(now);
        NextTimeout = FindNextTimeout();
    }

    private void LosePairsOf(List<Check> expired, MonotonicTime now)
    {
        foreach (var check in expired)
        {
            // The failure of one pair may end the agent, and all other checks with it.
            if (_sender.Forget(check)) Lose(check.Pair, IceFailure.NoValidPair, now);
        }
    }

    private void SendPaced(MonotonicTime now)
    {
        // After the nomination only triggered checks are sent (RFC 8445 section 8.1.2): they keep other paths available in case the selected one fails.
        if (now < _nextCheck || Checks.TakeNext(triggeredOnly: HasNominated) is not { } pair) return;
        _nextCheck = now + _options.CheckInterval;
        var kind = _role.Nominates(pair) ? CheckKind.Nomination : CheckKind.Connectivity;
        if (!_sender.MaySend(pair, now))
        {
            // A check of the remote on this pair sets it to waiting again.
            if (pair.State != PairState.Succeeded) pair.State = PairState.Failed;
            return;
        }

        if (pair.State != PairState.Succeeded) pair.State = PairState.InProgress;
        _sender.Send(pair, kind, _role, now);
    }

    private MonotonicTime FindNextTimeout()
    {
        if (HasEnded) return MonotonicTime.Never;
        var next = MonotonicTime.Min(_selection.NextTimeout, State == IceState.Checking ? _failAt : MonotonicTime.Never);
        next = MonotonicTime.Min(next, _sender.NextTimeout);
        var checksWait = RemoteUfrag is not null && Checks.HasNext(triggeredOnly: HasNominated);
        return checksWait ? MonotonicTime.Min(next, _nextCheck) : next;
    }

    /// <summary>A pair has failed. If it carried the data, the valid pair with the most recent packet takes over, on probation.</summary>
    private void Lose(CandidatePair pair, IceFailure reason, MonotonicTime now)
    {
        pair.State = PairState.Failed;
        pair.IsValid = false;
        pair.IsNominatedByRemote = false;
        _selection.ForgetNomination(pair);
        if (_selection.Deactivate(pair))
        {
            if (Checks.FreshestValid() is not { } next)
            {
                Fail(reason);
                return;
            }

            _selection.ActivateOnProbation(next, now);
            SetState(IceState.Connected);
        }

        _role.OnLost(pair, now);
    }

    /// <summary>Removes a pair whose connection has closed, and the pending checks on it.</summary>
    private void Drop(CandidatePair pair, MonotonicTime now)
    {
        _sender.ForgetOf(pair);
        Lose(pair, IceFailure.ConsentExpired, now);
        Checks.Forget(pair);
    }

    private void SwitchRole(MonotonicTime now)
    {
        _role = MakeStrategy(Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        Checks.Rerank(Role);
        _output.Raise(new IceEvent.RoleChanged(Role));
        _role.Enter(now);
    }

    private RoleStrategy MakeStrategy(IceRole role) => role == IceRole.Controlling ? new ControllingStrategy(this) : new ControlledStrategy(this);

    private void Fail(IceFailure reason)
    {
        Failure = reason;
        End(IceState.Failed);
    }

    private void End(IceState state)
    {
        ForgetRemote();
        _earlyChecks.Clear();
        NextTimeout = MonotonicTime.Never;
        SetState(state);
    }

    private void ForgetRemote()
    {
        Checks.Clear();
        _sender.Clear();
        _selection.Clear();
        _failAt = MonotonicTime.Never;
        _role = MakeStrategy(Role);
    }

    private void SetState(IceState state)
    {
        if (State == state) return;
        State = state;
        _output.Raise(new IceEvent.StateChanged(state));
    }
}
