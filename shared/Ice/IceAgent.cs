using System.Text;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>
/// A full ICE agent (RFC 8445) for one component, both roles, with consent freshness (RFC 7675). It owns no socket and no clock: hand it
/// datagrams and the time, then drain <see cref="TryDequeueTransmit"/> and <see cref="TryDequeueEvent"/>. Not thread-safe.
/// </summary>
/// <remarks>
/// Checks begin when the remote credentials are known, even without any remote candidate: Jitsi clients never trickle, their addresses come
/// with their checks. Checks that come earlier are answered and remembered.
/// </remarks>
public sealed partial class IceAgent
{
    private const string IceChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private readonly IceAgentOptions _options;
    private readonly IRandomSource _random;
    private readonly byte[] _ufragUtf8;
    private readonly byte[] _passwordUtf8;
    private readonly List<Candidate> _localCandidates = [];
    private readonly List<Candidate> _discoveredLocal = [];
    private readonly List<EarlyCheck> _earlyChecks = [];
    private readonly List<Candidate> _toldCandidates = [];
    private readonly Dictionary<StunTransactionId, Check> _outstanding = [];
    private readonly ConsentFreshness _consent;
    private readonly TokenBucket _unanswered;
    private readonly Queue<IceTransmit> _transmits = [];
    private readonly Queue<IceEvent> _events = [];

    private RoleStrategy _role;
    private ulong _tieBreaker;
    private byte[] _remotePasswordUtf8 = [];
    private byte[] _requestUsername = [];
    private CandidatePair? _active;
    private MonotonicTime _nextCheck = MonotonicTime.Zero;
    private MonotonicTime _failAt = MonotonicTime.Never;

    /// <param name="options">Role, credentials, timings.</param>
    /// <param name="random">Of credentials, transactions and jitter.</param>
    /// <param name="unanswered">The session's budget of checks to addresses that never answered, from <see cref="CreateCheckBudget"/>; null: the agent is a session of its own.</param>
    public IceAgent(IceAgentOptions options, IRandomSource random, TokenBucket? unanswered = null)
    {
        _options = options;
        _random = random;
        _unanswered = unanswered ?? CreateCheckBudget();
        Ufrag = options.Ufrag ?? random.NextString(8, IceChars);
        Password = options.Password ?? random.NextString(24, IceChars);
        _ufragUtf8 = Encoding.UTF8.GetBytes(Ufrag);
        _passwordUtf8 = Encoding.UTF8.GetBytes(Password);
        _tieBreaker = random.NextUInt64();
        _consent = new ConsentFreshness(options, random);
        _role = MakeStrategy(options.Role);
    }

    public string Ufrag { get; }

    public string Password { get; }

    public IceRole Role => _role.Role;

    public IceState State { get; private set; }

    public IceFailure Failure { get; private set; }

    /// <summary>What the remote is told.</summary>
    public IReadOnlyList<Candidate> LocalCandidates => _localCandidates;

    /// <summary>The earliest time at which <see cref="HandleTimeout"/> has something to do.</summary>
    public MonotonicTime NextTimeout { get; private set; } = MonotonicTime.Never;

    /// <summary>Round trip of the last answered check that was sent once; null before the first.</summary>
    public TimeSpan? RoundTripTime { get; private set; }

    /// <summary>Null until the remote credentials are set.</summary>
    public string? RemoteUfrag { get; private set; }

    /// <summary>Remote candidates that were told and are never checked: no address to send to, a port too low, or a scope that no socket of ours shares.</summary>
    public long CandidatesRefused { get; private set; }

    /// <summary>Checks that were not sent because too many went unanswered before.</summary>
    public long ChecksWithheld { get; private set; }

    internal CheckList Checks { get; } = new();

    internal CandidatePair? Nominated { get; private set; }

    internal bool HasNominated => Nominated is not null;

    private bool HasEnded => State is IceState.Failed or IceState.Closed;

    /// <summary>What agents of one session share, so that a restart does not begin to count anew.</summary>
    public static TokenBucket CreateCheckBudget() => new(IceLimits.UnansweredPerSecond, IceLimits.UnansweredBurst);

    /// <summary>Every socket of ours must be the base of a candidate, or <see cref="HandleStun"/> takes it for one of the lowest rank.</summary>
    public void AddLocalCandidate(Candidate candidate)
    {
        if (_localCandidates.Count >= IceLimits.MaxLocalCandidates) throw new InvalidOperationException("Too many local candidates.");
        _localCandidates.Add(candidate);
        Checks.AddLocal(candidate, Role);
    }

    /// <summary>
    /// Starts the checks. The same credentials again change nothing; others start anew with what the remote is and has. The owner refuses what
    /// <see cref="IceCredentials"/> does not take before it comes here; what no check could carry throws.
    /// </summary>
    public void SetRemoteCredentials(string ufrag, string password, MonotonicTime now)
    {
        if (HasEnded) return;
        if (!IceCredentials.AreBounded(ufrag, password)) throw new ArgumentException("Remote credentials beyond RFC 8839.", nameof(ufrag));
        var passwordUtf8 = Encoding.UTF8.GetBytes(password);
        if (ufrag == RemoteUfrag && passwordUtf8.AsSpan().SequenceEqual(_remotePasswordUtf8)) return;
        if (RemoteUfrag is not null) ForgetRemote();
        RemoteUfrag = ufrag;
        _remotePasswordUtf8 = passwordUtf8;
        _requestUsername = Encoding.UTF8.GetBytes($"{ufrag}:{Ufrag}");
        _failAt = now + _options.FailureTimeout;
        SetState(IceState.Checking);
        foreach (var candidate in _toldCandidates) Checks.AddRemote(candidate, Role);
        _toldCandidates.Clear();
        ReplayEarlyChecks(now);
        Progress(now);
    }

    /// <summary>Candidates of another component or protocol are ignored, and those that <see cref="CandidateScope"/> rules out.</summary>
    public void AddRemoteCandidate(Candidate candidate, MonotonicTime now)
    {
        if (HasEnded || candidate.Component != 1 || !candidate.Protocol.Equals("udp", StringComparison.OrdinalIgnoreCase)) return;
        if (candidate.Address.Port < _options.MinToldPort || !CandidateScope.MayCheck(candidate.Address, _localCandidates))
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

    /// <summary>Whether the ufrag, as <see cref="StunDemux.TryGetLocalUfrag"/> found it, is ours.</summary>
    public bool IsUfrag(ReadOnlySpan<byte> ufragUtf8) => ufragUtf8.SequenceEqual(_ufragUtf8);

    /// <summary>Whether an authentic check or response came from there. A DTLS client speaks only after its own check went through, so nobody else need be heard.</summary>
    public bool HasHeardFrom(TransportAddress local, TransportAddress remote)
    {
        if (Checks.Find(local, remote) is { HasBeenHeard: true }) return true;
        foreach (var check in _earlyChecks)
        {
            if (check.Local == local && check.Remote == remote) return true;
        }

        return false;
    }

    /// <summary>Whether a datagram bears the transaction of a check of ours that has no answer yet. Nothing is verified.</summary>
    public bool AwaitsResponse(ReadOnlySpan<byte> datagram) =>
        StunDemux.TryGetTransaction(datagram, out var id) && _outstanding.ContainsKey(id);

    public void HandleTimeout(MonotonicTime now)
    {
        if (!HasEnded) Progress(now);
    }

    public bool TryDequeueTransmit(out IceTransmit transmit) => _transmits.TryDequeue(out transmit);

    public bool TryDequeueEvent([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IceEvent? iceEvent) => _events.TryDequeue(out iceEvent);

    /// <summary>Where data goes: the nominated pair, or before a nomination a valid one (the first valid pair already opens the path).</summary>
    public bool TryGetSelectedPair(out TransportAddress local, out TransportAddress remote)
    {
        local = _active?.LocalAddress ?? default;
        remote = _active?.RemoteAddress ?? default;
        return _active is not null;
    }

    public void Close()
    {
        if (HasEnded) return;
        End(IceState.Closed);
    }

    /// <summary>The pair carries the data from now on, by decision of the controlling side.</summary>
    internal void Complete(CandidatePair pair, MonotonicTime now)
    {
        Nominated = pair;
        Activate(pair, now);
        SetState(IceState.Completed);
    }

    /// <summary>Checks a pair once more that was valid before, unless a check of it is under way.</summary>
    internal void Recheck(CandidatePair pair)
    {
        if (FindCheckOf(pair) is null) Checks.Trigger(pair);
    }

    private void Activate(CandidatePair pair, MonotonicTime now)
    {
        if (_active == pair) return;
        _active = pair;
        ForgetConsentChecks();
        _consent.Refresh(now);
        Raise(new IceEvent.SelectedPairChanged(pair.LocalAddress, pair.RemoteAddress));
    }

    /// <summary>A pair that no longer works. If it carried the data, the freshest other valid pair takes over, on probation.</summary>
    private void Lose(CandidatePair pair, IceFailure reason, MonotonicTime now)
    {
        pair.State = PairState.Failed;
        pair.IsValid = false;
        pair.IsNominatedByRemote = false;
        if (Nominated == pair) Nominated = null;
        if (_active == pair)
        {
            _active = null;
            ForgetConsentChecks();
            _consent.Stop();
            if (Checks.FreshestValid() is not { } next)
            {
                Fail(reason);
                return;
            }

            Activate(next, now);
            _consent.Doubt(now);
            SetState(IceState.Connected);
        }

        _role.OnLost(pair, now);
    }

    private void SwitchRole(MonotonicTime now)
    {
        _role = MakeStrategy(Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        Checks.Rerank(Role);
        Raise(new IceEvent.RoleChanged(Role));
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
        _outstanding.Clear();
        _consent.Stop();
        _active = null;
        Nominated = null;
        _failAt = MonotonicTime.Never;
        _role = MakeStrategy(Role);
    }

    private void SetState(IceState state)
    {
        if (State == state) return;
        State = state;
        Raise(new IceEvent.StateChanged(state));
    }

    private void Raise(IceEvent iceEvent)
    {
        if (_events.Count >= IceLimits.MaxQueued) _events.Dequeue();
        _events.Enqueue(iceEvent);
    }

    private void Transmit(TransportAddress local, TransportAddress remote, ReadOnlyMemory<byte> datagram)
    {
        if (_transmits.Count >= IceLimits.MaxQueued) _transmits.Dequeue();
        _transmits.Enqueue(new IceTransmit(local, remote, datagram));
    }
}
