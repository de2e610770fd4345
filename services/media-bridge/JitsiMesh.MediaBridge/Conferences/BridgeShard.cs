using JitsiMesh.Dtls;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Demux;
using JitsiMesh.MediaBridge.Discovery;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>
/// The bridge without a thread, clock or socket: conferences, their endpoints, and the tables that map a datagram to an endpoint. The caller passes datagrams and the time, and
/// flushes the ports afterwards. Not thread-safe: one shard, one thread.
/// </summary>
/// <remarks>
/// An exception is a bug and ends only what it belongs to. An exception from a datagram, a tick, a message or a change ends its endpoint; one from the output to a receiver
/// ends that receiver; repeated ones from a conference's timers end the conference. Endpoints are ended after the current input. DTLS handshakes run inline (0.7 ms of CPU
/// each), so a thousand simultaneous joins delay media by that much in total.
/// </remarks>
internal sealed class BridgeShard
{
    private readonly IReadOnlyList<IDatagramPort> _ports;
    private readonly Dictionary<string, Conference> _byMeeting = [];
    private readonly Dictionary<string, Conference> _byId = [];
    private readonly EndpointTable _table = new();
    private readonly IConnectedPort[] _connected;
    private readonly ContainedObserver _observer;
    private readonly List<BridgeEndpoint> _failed = [];
    private MonotonicTime _nextExpiry;

    public BridgeShard(MediaBridgeOptions options, IReadOnlyList<IDatagramPort> ports, Func<DtlsCertificate> certificate, IRandomSource random, IShardObserver observer)
    {
        Options = options;
        _ports = ports;
        Certificate = certificate;
        Random = random;
        _observer = new ContainedObserver(observer, Counters);
        Candidates = new LocalCandidates(options, ports);
        _connected = [.. ports.OfType<IConnectedPort>()];
    }

    public MediaBridgeOptions Options { get; }

    public IRandomSource Random { get; }

    public Func<DtlsCertificate> Certificate { get; }

    public LocalCandidates Candidates { get; }

    /// <summary>The public addresses of the ports, from STUN servers; null: no server is queried.</summary>
    public AddressDiscovery? Discovery { get; set; }

    public ShardCounters Counters { get; } = new();

    /// <summary>The dropped packets of current and former endpoints.</summary>
    public DropTotals Drops { get; } = new();

    public IReadOnlyList<IDatagramPort> Ports => _ports;

    /// <summary>Called wherever an exception outside the packet path is contained, with the endpoint; for tests that throw there.</summary>
    public Action<ShardFault, object?>? Trap { get; set; }

    /// <summary>The buffer where packets are composed before they are protected into a send buffer.</summary>
    public byte[] Scratch { get; } = GC.AllocateArray<byte>(PortLimits.BufferSize, pinned: true);

    public IReadOnlyCollection<Conference> Conferences => _byMeeting.Values;

    public int EndpointCount { get; private set; }

    /// <summary>Remote addresses mapped to endpoints.</summary>
    public int AddressCount => _table.AddressCount;

    /// <summary>Local ICE user fragments mapped to endpoints: one for each, two during a restart, three for a moment after it.</summary>
    public int UfragCount => _table.UfragCount;

    /// <summary>New conferences are refused from now on.</summary>
    public bool IsShuttingDown { get; set; }

    /// <summary>When <see cref="HandleTimeout"/> is due next.</summary>
    public MonotonicTime NextTimeout { get; private set; } = MonotonicTime.Never;

    public Conference? FindByMeeting(string meetingId) => _byMeeting.GetValueOrDefault(meetingId);

    public Conference? FindById(string conferenceId) => _byId.GetValueOrDefault(conferenceId);

    public BridgeEndpoint? FindByAddress(in TransportAddress remote) => _table.FindByAddress(remote);

    public IDatagramPort? FindPort(in TransportAddress local)
    {
        foreach (var port in _ports)
        {
            if (port.Local == local) return port;
        }

        return null;
    }

    public Conference CreateConference(string meetingId, string name, MonotonicTime now)
    {
        var conference = new Conference(this, meetingId, name, now);
        _byMeeting[meetingId] = conference;
        _byId[conference.Id] = conference;
        Counters.ConferencesCreated++;
        Schedule(conference.NextTimeout);
        Schedule(now + ConferenceLimits.CheckInterval);
        return conference;
    }

    public void AddEndpoint(Conference conference, BridgeEndpoint endpoint, MonotonicTime now)
    {
        // Counted before the endpoint is in any list: a failure in between ends it like any other endpoint.
        EndpointCount++;
        Counters.EndpointsCreated++;
        _table.AddUfrag(endpoint.Transport.Ice.Ufrag, endpoint);
        conference.Add(endpoint, now);
        Schedule(endpoint.NextTimeout);
    }

    public void AddUfrag(string ufrag, BridgeEndpoint endpoint) => _table.AddUfrag(ufrag, endpoint);

    public void RemoveUfrag(string ufrag) => _table.RemoveUfrag(ufrag);

    public void EndConference(Conference conference, EndpointEnd reason, MonotonicTime now)
    {
        foreach (var endpoint in conference.Endpoints.ToArray()) EndEndpoint(endpoint, reason, now);
        _byMeeting.Remove(conference.MeetingId);
        _byId.Remove(conference.Id);
        Counters.ConferencesEnded++;

        // Without conferences no timer would do this.
        if (_byMeeting.Count == 0) Drops.Publish(_byMeeting.Values);
    }

    public void EndEndpoint(BridgeEndpoint endpoint, EndpointEnd reason, MonotonicTime now)
    {
        if (!endpoint.IsInConference) return;

        // Whatever fails while the endpoint ends, it is removed from every table.
        Attempt(endpoint, () => endpoint.Conference.Remove(endpoint, now));
        Attempt(endpoint, () =>
        {
            endpoint.Transport.Close(now);
            endpoint.FlushTransport();
        });

        // Last, because the remaining output may contain a check.
        _table.Remove(endpoint);
        foreach (var port in _connected) port.Release(endpoint);
        Attempt(endpoint, () => Drops.Keep(endpoint));
        Attempt(endpoint, endpoint.Dispose);
        EndpointCount--;
        Counters.Ended(reason);
        _observer.OnEndpointEnded(endpoint.Conference.MeetingId, endpoint.Id, reason);
    }

    /// <summary>Handles one datagram that has just arrived.</summary>
    public void HandleDatagram(Span<byte> datagram, in TransportAddress local, in TransportAddress remote, MonotonicTime now) =>
        HandleDatagram(datagram, local, remote, now, now);

    /// <summary>Handles one datagram.</summary>
    /// <param name="datagram">Changed in place.</param>
    /// <param name="local">The local address that received the datagram.</param>
    /// <param name="remote">The sender's address.</param>
    /// <param name="now">The time.</param>
    /// <param name="arrival">When the datagram reached this machine.</param>
    public void HandleDatagram(Span<byte> datagram, in TransportAddress local, in TransportAddress remote, MonotonicTime now, MonotonicTime arrival)
    {
        BridgeEndpoint? endpoint = null;
        try
        {
            AddressBinding? binding = null;
            endpoint = datagram.Length < 2 ? null : _table.Find(datagram, remote, out binding);
            if (endpoint is null)
            {
                if (Discovery is null || !Discovery.TryHandle(datagram, local, remote, now)) Counters.Undeliverable++;
                return;
            }

            endpoint.HandleDatagram(datagram, local, remote, now, arrival, out var kind);
            if (kind == PacketKind.Check) _table.Claim(remote, endpoint, now);
            else if (kind == PacketKind.CheckAnswer) _table.Prove(remote, endpoint, now);
            else if (kind is PacketKind.Rtp or PacketKind.Rtcp) binding!.LastHeard = now;
            else if (kind == PacketKind.Dropped) Discovery?.TryHandle(datagram, local, remote, now);
            Schedule(endpoint.NextTimeout);
        }
        catch (Exception e)
        {
            Blame(endpoint, ShardFault.Datagram, e);
        }

        if (_failed.Count > 0) EndFailed(now);
    }

    /// <summary>A connection of an <see cref="IConnectedPort"/> ended.</summary>
    public void HandleConnectionClosed(TransportAddress local, in TransportAddress remote, MonotonicTime now)
    {
        var address = remote;
        if (_table.FindByAddress(remote) is { } endpoint)
        {
            Run(
                endpoint,
                ShardFault.Datagram,
                () =>
                {
                    endpoint.Transport.HandleConnectionClosed(local, address, now);
                    endpoint.DrainTransport(now);
                },
                now);
        }

        _table.Drop(remote);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        // Timers scheduled inside this loop count too, even for an endpoint that was already handled.
        NextTimeout = MonotonicTime.Never;
        var next = MonotonicTime.Never;
        var expire = now >= _nextExpiry;
        if (expire) _nextExpiry = now + ConferenceLimits.CheckInterval;
        List<(BridgeEndpoint, EndpointEnd)>? expired = null;
        List<(Conference, EndpointEnd)>? over = null;
        foreach (var conference in _byMeeting.Values)
        {
            var end = HandleTimeout(conference, expire, ref expired, ref next, now);
            if (end is { } reason) (over ??= []).Add((conference, reason));
        }

        if (_byMeeting.Count > 0) next = MonotonicTime.Min(next, _nextExpiry);
        NextTimeout = MonotonicTime.Min(NextTimeout, next);
        foreach (var (endpoint, reason) in expired ?? []) EndEndpoint(endpoint, reason, now);
        if (_failed.Count > 0) EndFailed(now);
        foreach (var (conference, reason) in over ?? []) EndConference(conference, reason, now);
        if (expire) Drops.Publish(_byMeeting.Values);
        if (Discovery is { } discovery)
        {
            if (discovery.NextTimeout <= now) discovery.HandleTimeout(now);
            Schedule(discovery.NextTimeout);
        }
    }

    /// <summary>Runs an operation on one endpoint from outside the packet path. Does nothing when the endpoint has ended in the meantime.</summary>
    public void Run(BridgeEndpoint endpoint, ShardFault kind, Action work, MonotonicTime now)
    {
        if (!endpoint.IsInConference) return;
        try
        {
            Trap?.Invoke(kind, endpoint);
            work();
            Schedule(endpoint.NextTimeout);
        }
        catch (Exception e)
        {
            Blame(endpoint, kind, e);
        }

        if (_failed.Count > 0) EndFailed(now);
    }

    /// <summary>Contains an exception: counts and reports it, and marks its endpoint to be ended by <see cref="EndFailed"/>. Null: the exception belongs to no endpoint.</summary>
    public void Blame(BridgeEndpoint? endpoint, ShardFault kind, Exception error)
    {
        Counters.Fault(kind);
        if (endpoint is null)
        {
            _observer.OnFault(kind, null, null, error);
            return;
        }

        // An endpoint is marked once: nothing more is sent to it, so it cannot fail again.
        if (_failed.Contains(endpoint)) return;
        if (endpoint.IsInConference) _failed.Add(endpoint);
        endpoint.StopSending();
        _observer.OnFault(kind, endpoint.Conference.MeetingId, endpoint.Id, error);
    }

    /// <summary>Like <see cref="Blame"/>, for an endpoint that was being created.</summary>
    public void BlameChange(Conference conference, string endpointId, Exception error)
    {
        Counters.Fault(ShardFault.Control);
        _observer.OnFault(ShardFault.Control, conference.MeetingId, endpointId, error);
    }

    /// <summary>Ends the endpoints whose handling threw. Called at the end of every input.</summary>
    public void EndFailed(MonotonicTime now)
    {
        // An endpoint may fail while it handles the end of another one: at most as many rounds as there are endpoints.
        while (_failed.Count > 0)
        {
            var endpoint = _failed[^1];
            EndEndpoint(endpoint, EndpointEnd.InternalError, now);
            _failed.Remove(endpoint);
        }
    }

    /// <summary>After a change from outside the packet path: due work runs at the next turn.</summary>
    public void Schedule(MonotonicTime time)
    {
        if (time < NextTimeout) NextTimeout = time;
    }

    /// <summary>Records the destinations of an endpoint's checks, so that the answers find it.</summary>
    public void OnTransmit(BridgeEndpoint endpoint, in TransportAddress remote, ReadOnlySpan<byte> datagram)
    {
        if (EndpointTable.LooksLikeStun(datagram)) _table.Expect(remote, endpoint);
    }

    public void OnEndpointFailed(BridgeEndpoint endpoint, PeerFailure failure)
    {
        if (failure is PeerFailure.IceConsentExpired or PeerFailure.IceNoValidPair) Counters.IceFailed++;
        else if (failure != PeerFailure.DtlsClosedByRemote) Counters.DtlsFailed++;
        _observer.OnTransportFailed(endpoint.Conference.MeetingId, endpoint.Id, failure);
    }

    public void OnChannelLimited(BridgeEndpoint endpoint, ChannelRejection reason) =>
        _observer.OnChannelLimited(endpoint.Conference.MeetingId, endpoint.Id, reason);

    public void OnJoinStep(BridgeEndpoint endpoint, EndpointJoin join, EndpointJoinStep step) => _observer.OnJoinStep(endpoint.Conference.MeetingId, endpoint.Id, join, step);

    public void Flush()
    {
        foreach (var port in _ports) port.Flush();
    }

    /// <returns>Why the conference must end; null when it continues.</returns>
    private EndpointEnd? HandleTimeout(Conference conference, bool expire, ref List<(BridgeEndpoint, EndpointEnd)>? expired, ref MonotonicTime next, MonotonicTime now)
    {
        var broken = false;
        var abandoned = false;
        try
        {
            if (conference.NextTimeout <= now)
            {
                Trap?.Invoke(ShardFault.ConferenceTimer, conference);
                conference.HandleTimeout(now);
            }

            if (expire)
            {
                foreach (var item in conference.FindExpired(now)) (expired ??= []).Add(item);
                abandoned = conference.IsAbandoned(now);
            }
        }
        catch (Exception e)
        {
            Counters.Fault(ShardFault.ConferenceTimer);
            _observer.OnFault(ShardFault.ConferenceTimer, conference.MeetingId, null, e);
            broken = conference.IsBrokenBy(now);
        }

        var endpoints = conference.Endpoints;
        for (var i = 0; i < endpoints.Count; i++)
        {
            var endpoint = endpoints[i];
            if (endpoint.NextTimeout <= now && !TryTimeout(endpoint, now)) continue;
            next = MonotonicTime.Min(next, endpoint.NextTimeout);
        }

        next = MonotonicTime.Min(next, conference.NextTimeout);
        return broken ? EndpointEnd.InternalError : abandoned ? EndpointEnd.Inactive : null;
    }

    private bool TryTimeout(BridgeEndpoint endpoint, MonotonicTime now)
    {
        try
        {
            Trap?.Invoke(ShardFault.EndpointTimer, endpoint);
            endpoint.HandleTimeout(now);
            return true;
        }
        catch (Exception e)
        {
            Blame(endpoint, ShardFault.EndpointTimer, e);
            return false;
        }
    }

    /// <summary>One step of ending an endpoint; the next step runs even if this one fails.</summary>
    private void Attempt(BridgeEndpoint endpoint, Action step)
    {
        try
        {
            step();
        }
        catch (Exception e)
        {
            Counters.Fault(ShardFault.End);
            _observer.OnFault(ShardFault.End, endpoint.Conference.MeetingId, endpoint.Id, e);
        }
    }
}
