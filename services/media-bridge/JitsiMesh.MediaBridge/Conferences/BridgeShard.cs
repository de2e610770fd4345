using JitsiMesh.Dtls;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Demux;
using JitsiMesh.MediaBridge.Endpoints;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>
/// The bridge without thread, clock or socket of its own: conferences, their endpoints, and the tables that lead a datagram to one. Whoever
/// drives it hands it datagrams and the time and flushes the ports afterwards. Not thread-safe: one shard, one thread.
/// </summary>
/// <remarks>DTLS handshakes run inline (0.7 ms of CPU each), so a thousand joins at once delay media by up to that much in all.</remarks>
internal sealed class BridgeShard
{
    private readonly IReadOnlyList<IDatagramPort> _ports;
    private readonly Dictionary<string, Conference> _byMeeting = [];
    private readonly Dictionary<string, Conference> _byId = [];
    private readonly EndpointTable _table = new();
    private readonly IShardObserver _observer;
    private MonotonicTime _nextExpiry;

    public BridgeShard(MediaBridgeOptions options, IReadOnlyList<IDatagramPort> ports, Func<DtlsCertificate> certificate, IRandomSource random, IShardObserver observer)
    {
        Options = options;
        _ports = ports;
        Certificate = certificate;
        Random = random;
        _observer = observer;
        Candidates = new LocalCandidates(options, ports);
    }

    public MediaBridgeOptions Options { get; }

    public IRandomSource Random { get; }

    public Func<DtlsCertificate> Certificate { get; }

    public LocalCandidates Candidates { get; }

    public ShardCounters Counters { get; } = new();

    /// <summary>What endpoints of now and of before threw away.</summary>
    public DropTotals Drops { get; } = new();

    public IReadOnlyList<IDatagramPort> Ports => _ports;

    /// <summary>Where packets are composed before they are protected into a send buffer.</summary>
    public byte[] Scratch { get; } = GC.AllocateArray<byte>(PortLimits.BufferSize, pinned: true);

    public IReadOnlyCollection<Conference> Conferences => _byMeeting.Values;

    public int EndpointCount { get; private set; }

    /// <summary>Remote addresses that lead to an endpoint.</summary>
    public int AddressCount => _table.AddressCount;

    /// <summary>New conferences are refused from here on.</summary>
    public bool IsShuttingDown { get; set; }

    /// <summary>The earliest time at which <see cref="HandleTimeout"/> has something to do.</summary>
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
        conference.Add(endpoint, now);
        EndpointCount++;
        Counters.EndpointsCreated++;
        _table.AddUfrag(endpoint.Transport.Ice.Ufrag, endpoint);
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

        // Without conferences no timer runs that would.
        if (_byMeeting.Count == 0) Drops.Publish(_byMeeting.Values);
    }

    public void EndEndpoint(BridgeEndpoint endpoint, EndpointEnd reason, MonotonicTime now)
    {
        endpoint.Conference.Remove(endpoint, now);
        endpoint.Transport.Close(now);
        endpoint.FlushTransport();

        // Last: what was still to be sent may have been a check.
        _table.Remove(endpoint);
        Drops.Keep(endpoint);
        endpoint.Dispose();
        EndpointCount--;
        Counters.Ended(reason);
        _observer.OnEndpointEnded(endpoint.Conference.MeetingId, endpoint.Id, reason);
    }

    /// <summary>Handles one datagram that has just arrived.</summary>
    public void HandleDatagram(Span<byte> datagram, in TransportAddress local, in TransportAddress remote, MonotonicTime now) =>
        HandleDatagram(datagram, local, remote, now, now);

    /// <summary>Handles one datagram; an exception costs its endpoint, never the shard.</summary>
    /// <param name="datagram">Changed in place.</param>
    /// <param name="local">Where it came in.</param>
    /// <param name="remote">Its sender.</param>
    /// <param name="now">The time.</param>
    /// <param name="arrival">When it reached this machine.</param>
    public void HandleDatagram(Span<byte> datagram, in TransportAddress local, in TransportAddress remote, MonotonicTime now, MonotonicTime arrival)
    {
        if (datagram.Length < 2)
        {
            Counters.Undeliverable++;
            return;
        }

        var endpoint = _table.Find(datagram, remote, out var binding);
        if (endpoint is null)
        {
            Counters.Undeliverable++;
            return;
        }

        try
        {
            endpoint.HandleDatagram(datagram, local, remote, now, arrival, out var kind);
            if (kind == PacketKind.Check) _table.Claim(remote, endpoint, now);
            else if (kind == PacketKind.CheckAnswer) _table.Prove(remote, endpoint, now);
            else if (kind is PacketKind.Rtp or PacketKind.Rtcp) binding!.LastHeard = now;
            Schedule(endpoint.NextTimeout);
        }
        catch (Exception e)
        {
            Fail(endpoint, e, now);
        }
    }

    public void HandleTimeout(MonotonicTime now)
    {
        // What is scheduled from within counts too, for an endpoint that has had its turn already.
        NextTimeout = MonotonicTime.Never;
        var next = MonotonicTime.Never;
        var expire = now >= _nextExpiry;
        if (expire) _nextExpiry = now + ConferenceLimits.CheckInterval;
        List<(BridgeEndpoint, EndpointEnd)>? expired = null;
        List<Conference>? abandoned = null;
        foreach (var conference in _byMeeting.Values)
        {
            if (conference.NextTimeout <= now) conference.HandleTimeout(now);
            var endpoints = conference.Endpoints;
            for (var i = 0; i < endpoints.Count; i++)
            {
                var endpoint = endpoints[i];
                if (endpoint.NextTimeout <= now && !TryTimeout(endpoint, now))
                {
                    (expired ??= []).Add((endpoint, EndpointEnd.InternalError));
                    continue;
                }

                next = MonotonicTime.Min(next, endpoint.NextTimeout);
            }

            next = MonotonicTime.Min(next, conference.NextTimeout);
            if (!expire) continue;
            foreach (var item in conference.FindExpired(now)) (expired ??= []).Add(item);
            if (conference.IsAbandoned(now)) (abandoned ??= []).Add(conference);
        }

        if (_byMeeting.Count > 0) next = MonotonicTime.Min(next, _nextExpiry);
        NextTimeout = MonotonicTime.Min(NextTimeout, next);
        foreach (var (endpoint, reason) in expired ?? [])
        {
            if (ReferenceEquals(endpoint.Conference.Find(endpoint.Id), endpoint)) EndEndpoint(endpoint, reason, now);
        }

        foreach (var conference in abandoned ?? []) EndConference(conference, EndpointEnd.Inactive, now);
        if (expire) Drops.Publish(_byMeeting.Values);
    }

    /// <summary>After a change from outside the packet path: what it made due is seen at the next turn.</summary>
    public void Schedule(MonotonicTime time)
    {
        if (time < NextTimeout) NextTimeout = time;
    }

    /// <summary>Learns where an endpoint's checks go, so that the answers find it.</summary>
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

    private bool TryTimeout(BridgeEndpoint endpoint, MonotonicTime now)
    {
        try
        {
            endpoint.HandleTimeout(now);
            return true;
        }
        catch (Exception e)
        {
            _observer.OnInternalError(endpoint.Conference.MeetingId, endpoint.Id, e);
            return false;
        }
    }

    private void Fail(BridgeEndpoint endpoint, Exception e, MonotonicTime now)
    {
        _observer.OnInternalError(endpoint.Conference.MeetingId, endpoint.Id, e);
        if (ReferenceEquals(endpoint.Conference.Find(endpoint.Id), endpoint)) EndEndpoint(endpoint, EndpointEnd.InternalError, now);
    }
}

/// <summary>Hears what happens on a shard, on its thread: it only enqueues.</summary>
internal interface IShardObserver
{
    void OnEndpointEnded(string meetingId, string endpointId, EndpointEnd reason);

    void OnTransportFailed(string meetingId, string endpointId, PeerFailure failure);

    /// <summary>The first message that an endpoint's rates refused.</summary>
    void OnChannelLimited(string meetingId, string endpointId, ChannelRejection reason);

    void OnInternalError(string meetingId, string endpointId, Exception error);

    /// <summary>Of an endpoint whose join is traced, each step once.</summary>
    void OnJoinStep(string meetingId, string endpointId, EndpointJoin join, EndpointJoinStep step);
}

/// <summary>Totals of one shard since its start. Written by its thread, read by anyone.</summary>
internal sealed class ShardCounters
{
    private readonly long[] _ended = new long[Enum.GetValues<EndpointEnd>().Length];

    public long ConferencesCreated { get; set; }

    public long ConferencesEnded { get; set; }

    public long EndpointsCreated { get; set; }

    public long IceFailed { get; set; }

    public long DtlsFailed { get; set; }

    /// <summary>Datagrams that led to no endpoint: dropped without an answer.</summary>
    public long Undeliverable { get; set; }

    public long Commands { get; set; }

    public long CommandsRefused { get; set; }

    public long EndedFor(EndpointEnd reason) => _ended[(int)reason];

    public void Ended(EndpointEnd reason) => _ended[(int)reason]++;
}
