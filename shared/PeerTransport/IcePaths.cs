using JitsiMesh.Ice;
using JitsiMesh.Primitives;

namespace JitsiMesh.PeerTransport;

/// <summary>
/// The ICE agents of one peer: the current one, during a restart a second one that will replace it, and for a short time the replaced one. A restart is make-before-break:
/// until the second agent has a valid pair, the first one remains in use.
/// </summary>
internal sealed class IcePaths
{
    private readonly PeerTransportOptions _options;
    private readonly IRandomSource _random;
    private readonly Action<PeerEvent> _raise;

    /// <summary>Shared by all agents, so that repeated restarts do not cause more checks to foreign addresses.</summary>
    private readonly TokenBucket _unanswered = IceAgent.CreateCheckBudget();

    private IceAgent? _retiring;
    private MonotonicTime _pendingDeadline = MonotonicTime.Never;
    private MonotonicTime _retireAt = MonotonicTime.Never;
    private int _lastGeneration;
    private bool _isUp;

    public IcePaths(PeerTransportOptions options, IRandomSource random, Action<PeerEvent> raise)
    {
        _options = options;
        _random = random;
        _raise = raise;
        Current = new IceAgent(options.Ice with { Role = options.IceRole }, random, _unanswered);
    }

    public IceAgent Current { get; private set; }

    public IceAgent? Pending { get; private set; }

    public int CurrentGeneration { get; private set; }

    public int PendingGeneration => _lastGeneration;

    public MonotonicTime NextTimeout
    {
        get
        {
            var next = MonotonicTime.Min(Current.NextTimeout, MonotonicTime.Min(_pendingDeadline, _retireAt));
            if (Pending is not null) next = MonotonicTime.Min(next, Pending.NextTimeout);
            return _retiring is null ? next : MonotonicTime.Min(next, _retiring.NextTimeout);
        }
    }

    public IceAgent BeginRestart(MonotonicTime now)
    {
        if (Pending is not null) Retire(Pending);
        var agent = new IceAgent(_options.Ice with { Role = _options.IceRole, Ufrag = null, Password = null }, _random, _unanswered);
        _lastGeneration++;
        foreach (var candidate in Current.LocalCandidates) agent.AddLocalCandidate(candidate with { Generation = _lastGeneration });
        Pending = agent;
        _pendingDeadline = now + _options.IceRestartTimeout;
        return agent;
    }

    /// <summary>
    /// Finds the agent for a description of the remote by its generation. A description without a generation belongs to the newest agent, unless it repeats the credentials of
    /// the current one. Null: it answers an abandoned restart, and would break the pair in use.
    /// </summary>
    public IceAgent? AgentFor(string remoteUfrag, int generation)
    {
        if (Current.RemoteUfrag == remoteUfrag) return Current;
        if (generation > 0)
        {
            if (Pending is not null && generation == _lastGeneration) return Pending;
            return generation == CurrentGeneration ? Current : null;
        }

        if (Pending is not null) return Pending;
        return _lastGeneration == 0 || Current.RemoteUfrag is null ? Current : null;
    }

    public IceInput HandleStun(ReadOnlySpan<byte> datagram, TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        if (Pending is null && _retiring is null) return Current.HandleStun(datagram, local, remote, now);
        if (StunDemux.TryGetLocalUfrag(datagram, out var ufrag)) return (FindByUfrag(ufrag) ?? Current).HandleStun(datagram, local, remote, now);

        var result = Current.HandleStun(datagram, local, remote, now);
        if (IsNotTheirs(result) && Pending is not null) result = Pending.HandleStun(datagram, local, remote, now);
        if (IsNotTheirs(result) && _retiring is not null) result = _retiring.HandleStun(datagram, local, remote, now);
        return result;
    }

    public bool HasHeardFrom(TransportAddress local, TransportAddress remote) => Current.HasHeardFrom(local, remote)
        || Pending?.HasHeardFrom(local, remote) == true
        || _retiring?.HasHeardFrom(local, remote) == true;

    public bool AwaitsResponse(ReadOnlySpan<byte> stunResponse) => Current.AwaitsResponse(stunResponse)
        || Pending?.AwaitsResponse(stunResponse) == true
        || _retiring?.AwaitsResponse(stunResponse) == true;

    public void HandleConnectionClosed(TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        Current.HandleConnectionClosed(local, remote, now);
        Pending?.HandleConnectionClosed(local, remote, now);
        _retiring?.HandleConnectionClosed(local, remote, now);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        Current.HandleTimeout(now);
        Pending?.HandleTimeout(now);
        _retiring?.HandleTimeout(now);
    }

    /// <summary>Handles the events and the output of the agents. Runs at the end of every input.</summary>
    public void Progress(MonotonicTime now)
    {
        while (Current.TryDequeueEvent(out var iceEvent)) OnCurrent(iceEvent);
        var pendingFailed = false;
        while (Pending is { } agent && agent.TryDequeueEvent(out var iceEvent))
        {
            if (iceEvent is IceEvent.StateChanged { State: IceState.Connected }) TakeOver(agent, now);
            else if (iceEvent is IceEvent.StateChanged { State: IceState.Failed }) pendingFailed = true;
        }

        if (pendingFailed || now >= _pendingDeadline) Abandon();
        if (_retiring is not null && now >= _retireAt) Retire(_retiring);
        while (_retiring?.TryDequeueEvent(out _) == true)
        {
            // The result of this agent no longer matters.
        }
    }

    public bool TryDequeueTransmit(out IceTransmit transmit)
    {
        transmit = default;
        return Current.TryDequeueTransmit(out transmit)
            || Pending?.TryDequeueTransmit(out transmit) == true
            || _retiring?.TryDequeueTransmit(out transmit) == true;
    }

    public void Close()
    {
        if (_retiring is not null) Retire(_retiring);
        if (Pending is not null) Retire(Pending);
        Current.Close();
    }

    private static bool IsNotTheirs(IceInput result) => result is IceInput.UnknownTransaction or IceInput.AgentEnded;

    private IceAgent? FindByUfrag(ReadOnlySpan<byte> ufrag)
    {
        if (Current.IsUfrag(ufrag)) return Current;
        if (Pending?.IsUfrag(ufrag) == true) return Pending;
        return _retiring?.IsUfrag(ufrag) == true ? _retiring : null;
    }

    private void OnCurrent(IceEvent iceEvent)
    {
        switch (iceEvent)
        {
            case IceEvent.StateChanged { State: IceState.Connected } when !_isUp:
                _isUp = true;
                _raise(new PeerEvent.IceConnected());
                break;
            case IceEvent.StateChanged { State: IceState.Failed }:
                _isUp = false;
                _raise(new PeerEvent.PathLost());
                if (Pending is null) RaiseFailure();
                break;
            case IceEvent.SelectedPairChanged changed:
                _raise(new PeerEvent.SelectedPairChanged(changed.Local, changed.Remote));
                break;
        }
    }

    private void RaiseFailure() => _raise(new PeerEvent.Failed(
        Current.Failure == IceFailure.ConsentExpired ? PeerFailure.IceConsentExpired : PeerFailure.IceNoValidPair));

    private void TakeOver(IceAgent agent, MonotonicTime now)
    {
        if (_retiring is not null) Retire(_retiring);
        _retiring = Current;
        _retireAt = Current.State == IceState.Failed ? now : now + _options.IceRestartOverlap;
        Current = agent;
        CurrentGeneration = _lastGeneration;
        Pending = null;
        _pendingDeadline = MonotonicTime.Never;
        _raise(new PeerEvent.IceRestarted(CurrentGeneration));
        if (agent.TryGetSelectedPair(out var local, out var remote)) _raise(new PeerEvent.SelectedPairChanged(local, remote));
        if (!_isUp) _raise(new PeerEvent.IceConnected());
        _isUp = true;
        while (agent.TryDequeueEvent(out var iceEvent)) OnCurrent(iceEvent);
    }

    private void Abandon()
    {
        if (Pending is null) return;
        Retire(Pending);
        _raise(new PeerEvent.IceRestartAbandoned(_lastGeneration));
        if (Current.State == IceState.Failed) RaiseFailure();
    }

    private void Retire(IceAgent agent)
    {
        agent.Close();
        if (agent == Pending)
        {
            Pending = null;
            _pendingDeadline = MonotonicTime.Never;
        }
        else
        {
            _retiring = null;
            _retireAt = MonotonicTime.Never;
        }

        _raise(new PeerEvent.LocalUfragRetired(agent.Ufrag));
    }
}
