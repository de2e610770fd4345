using JitsiMesh.Contracts.Bridge;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>One client connection on this bridge: its transport, its sources, its subscriptions, its channel. Lives on its shard's thread.</summary>
internal sealed partial class BridgeEndpoint
{
    private TransportAddress _remote;
    private readonly TokenBucket _replays = new(ChannelLimits.ReplaysPerSecond, ChannelLimits.ReplayBurst);
    private MonotonicTime _nextTick;
    private bool _replayDue;
    private MonotonicTime _nextReport;
    private MonotonicTime _nextConnectionStats = MonotonicTime.Never;

    public BridgeEndpoint(Conference conference, string id, EndpointSetup setup, PeerTransport.PeerTransport transport, MonotonicTime now)
    {
        Conference = conference;
        Id = id;
        Setup = setup;
        Transport = transport;
        CreatedAt = now;
        LastActivity = now;
        Formats.Add(setup.Media);
        Ingress = new IngressPipeline(this);
        Egress = new EgressPipeline(this);
        Channel = new EndpointChannel(this);
        Allocation = new ReceiverAllocation(this);
        Reports = new RtcpReceiver(this);
        _nextTick = now + EndpointLimits.IdleTick;
        _nextReport = now + EndpointLimits.ReportInterval;
        if (setup.RewritesSsrcs)
        {
            VideoSlots = new SlotTable<VideoSubscription>(EndpointLimits.MaxSlots, index => NewStream(isVideo: true, index));
            AudioSlots = new SlotTable<AudioSubscription>(EndpointLimits.MaxSlots, index => NewStream(isVideo: false, index));
        }
    }

    public string Id { get; }

    public EndpointSetup Setup { get; }

    /// <summary>The fingerprint in the endpoint's description. The endpoint keeps this certificate although the bridge renews its own daily.</summary>
    public string Fingerprint { get; set; } = "";

    public Conference Conference { get; }

    public BridgeShard Shard => Conference.Shard;

    public PeerTransport.PeerTransport Transport { get; }

    public EndpointFormats Formats { get; } = new();

    public EndpointCounters Counters { get; } = new();

    public IngressPipeline Ingress { get; }

    public EgressPipeline Egress { get; }

    public EndpointChannel Channel { get; }

    public ReceiverAllocation Allocation { get; }

    public RtcpReceiver Reports { get; }

    /// <summary>Paces the keyframe requests to this endpoint's sources.</summary>
    public KeyframeRequester Keyframes { get; } = new();

    public List<AudioSource> AudioSources { get; } = [];

    public List<VideoSource> VideoSources { get; } = [];

    /// <summary>The endpoint's subscriptions, by source; the sources hold the same objects in their lists.</summary>
    public Dictionary<VideoSource, VideoSubscription> VideoSubscriptions { get; } = [];

    public Dictionary<AudioSource, AudioSubscription> AudioSubscriptions { get; } = [];

    /// <summary>Null without SSRC rewriting.</summary>
    public SlotTable<VideoSubscription>? VideoSlots { get; }

    public SlotTable<AudioSubscription>? AudioSlots { get; }

    /// <summary>The budget for taking an audio slot from one source for another.</summary>
    public TokenBucket AudioSteals { get; } = new(EndpointLimits.AudioStealsPerSecond, EndpointLimits.AudioStealBurst);

    public bool IsVisitor => Setup.Visitor;

    public bool RewritesSsrcs => Setup.RewritesSsrcs;

    public bool StampsMid => Setup.StampsMid;

    public bool ForceMuteAudio { get; set; }

    public bool ForceMuteVideo { get; set; }

    public MonotonicTime CreatedAt { get; }

    /// <summary>The time of the last authentic packet of any kind.</summary>
    public MonotonicTime LastActivity { get; private set; }

    public bool HasBeenActive { get; private set; }

    /// <summary>Whether others were told that the endpoint is inactive.</summary>
    public bool ToldInactive { get; set; }

    public bool IsConnected { get; private set; }

    public PeerFailure Failure { get; private set; }

    public IDatagramPort? Port { get; private set; }

    public bool CanSend => IsConnected && Port is not null;

    /// <summary>False once the endpoint ended, for objects that still hold it.</summary>
    public bool IsInConference => ReferenceEquals(Conference.Find(Id), this);

    public TimeSpan? RoundTripTime { get; set; }

    /// <summary>The counter of in-place ICE restarts.</summary>
    public int IceGeneration { get; set; }

    /// <summary>Null when the join is not traced, or its trace is complete: then packets skip all further checks.</summary>
    public EndpointJoin? Join { get; set; }

    /// <summary>Remote addresses that map to this endpoint, or would if no other endpoint had them; only the demultiplexer changes it.</summary>
    public List<TransportAddress> Addresses { get; } = [];

    public MonotonicTime NextTimeout => MonotonicTime.Min(Transport.NextTimeout, _nextTick);

    public void HandleDatagram(Span<byte> datagram, TransportAddress local, TransportAddress remote, MonotonicTime now, MonotonicTime arrival, out PacketKind kind)
    {
        kind = Transport.HandleDatagram(datagram, local, remote, now, out var length);
        switch (kind)
        {
            case PacketKind.Rtp:
                OnActivity(now);
                Counters.PacketsReceived++;
                Counters.BytesReceived += length;
                if (Join is not null) Saw(EndpointJoinStep.FirstMediaReceived);
                Ingress.HandleRtp(datagram[..length], now, arrival);
                break;
            case PacketKind.Rtcp:
                OnActivity(now);
                Reports.Handle(datagram[..length], now);
                break;
            case PacketKind.None or PacketKind.Check or PacketKind.CheckAnswer:
                OnActivity(now);
                DrainTransport(now);
                break;
        }
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (Transport.NextTimeout <= now)
        {
            Transport.HandleTimeout(now);
            DrainTransport(now);
        }

        if (now >= _nextTick) Tick(now);
    }

    /// <summary>Sends the transport's output and handles its events. Must be called after any input to the transport.</summary>
    public void DrainTransport(MonotonicTime now)
    {
        while (Transport.TryDequeueEvent(out var peerEvent)) OnTransportEvent(peerEvent, now);
        FlushTransport();
    }

    /// <summary>Sends the transport's output and leaves its events for later.</summary>
    public void FlushTransport()
    {
        while (Transport.TryDequeueTransmit(out var transmit))
        {
            var port = Shard.FindPort(transmit.Local);
            if (port is null) continue;
            Shard.OnTransmit(this, transmit.Remote, transmit.Datagram.Span);
            var buffer = port.Rent();
            if (transmit.Datagram.Length > buffer.Length) continue;
            transmit.Datagram.Span.CopyTo(buffer);
            port.Commit(transmit.Datagram.Length, transmit.Remote);
        }
    }

    public void Commit(int length)
    {
        Port!.Commit(length, _remote);
        Counters.PacketsSent++;
        Counters.BytesSent += length;
    }

    /// <summary>For good: the endpoint is about to end.</summary>
    public void StopSending()
    {
        IsConnected = false;
        Port = null;
    }

    /// <summary>Schedules the next tick for the shard's next turn.</summary>
    public void TickSoon()
    {
        _nextTick = MonotonicTime.Zero;
        Shard.Schedule(_nextTick);
    }

    /// <summary>Records a step of the join; each step counts once, and only while the join is traced.</summary>
    public void Saw(EndpointJoinStep step)
    {
        if (Join is not { } join || !join.See(step)) return;
        Shard.OnJoinStep(this, join, step);
        if (join.IsOver) Join = null;
    }

    public void OnChannelConnected(MonotonicTime now)
    {
        _nextConnectionStats = now + EndpointLimits.ConnectionStatsInterval;
        _replayDue = true;
        ReplayWhenDue(now);
    }

    public void Dispose() => Transport.Dispose();

    /// <summary>Sends the state to a channel that opened; delayed when the channel opens too often.</summary>
    private void ReplayWhenDue(MonotonicTime now)
    {
        if (!_replayDue || !_replays.TryTake(1, now)) return;
        _replayDue = false;
        if (Channel.IsConnected) Conference.Messages.Replay(this, now);
    }

    private void OnActivity(MonotonicTime now)
    {
        LastActivity = now;
        HasBeenActive = true;
    }

    private void OnTransportEvent(PeerEvent peerEvent, MonotonicTime now)
    {
        switch (peerEvent)
        {
            case PeerEvent.IceConnected:
                Saw(EndpointJoinStep.IceConnected);
                break;
            case PeerEvent.Connected:
                Saw(EndpointJoinStep.DtlsConnected);
                if (Transport.TryGetSelectedPair(out var local, out var remote)) UsePair(local, remote, now);
                IsConnected = true;
                Conference.OnEndpointConnected(this, now);
                break;
            case PeerEvent.SelectedPairChanged changed:
                UsePair(changed.Local, changed.Remote, now);
                break;
            case PeerEvent.ChannelOpened opened:
                if (!Channel.OnDataChannelOpened(opened.Id, now)) Transport.CloseChannel(opened.Id, now);
                break;
            case PeerEvent.ChannelMessage message:
                Channel.OnMessage(message.Data, overData: true, now);
                break;
            case PeerEvent.ChannelClosed closed:
                Channel.OnDataChannelClosed(closed.Id);
                break;
            case PeerEvent.ChannelsLost:
                Channel.OnDataChannelsLost();
                break;
            case PeerEvent.LocalUfragRetired retired:
                Shard.RemoveUfrag(retired.Ufrag);
                break;
            case PeerEvent.PathLost:
                // RFC 7675 section 5.1: without consent nothing is sent. A restart selects a new pair.
                Port = null;
                break;
            case PeerEvent.Failed failed:
                Failure = failed.Reason;
                if (failed.Reason is not (PeerFailure.IceConsentExpired or PeerFailure.IceNoValidPair)) IsConnected = false;
                Saw(EndpointJoinStep.Failed);
                Shard.OnEndpointFailed(this, failed.Reason);
                break;
        }
    }

    private void UsePair(TransportAddress local, TransportAddress remote, MonotonicTime now)
    {
        var resumes = IsConnected && Port is null;
        Port = Shard.FindPort(local);
        _remote = remote;
        if (!resumes || Port is null) return;
        Failure = PeerFailure.None;
        Conference.OnEndpointResumed(this, now);
    }

    private EgressStream NewStream(bool isVideo, int index)
    {
        var ssrc = Conference.NewSsrc(this);
        var rtx = isVideo && Formats.HasRtx ? Conference.NewSsrc(this) : 0;
        return new EgressStream(ssrc, rtx, StampsMid ? (isVideo ? "v" : "a") + index.ToString(System.Globalization.CultureInfo.InvariantCulture) : null, isVideo);
    }
}

/// <summary>The parameters that an endpoint is created with.</summary>
internal sealed record EndpointSetup(
    string StatsId, bool Visitor, bool RewritesSsrcs, bool StampsMid, bool PrivateAddresses, IReadOnlyList<MediaDescription> Media, string ChannelPassword, bool Sctp);
