using System.Text;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Dtls;
using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>A complete shard and headless clients on a virtual network; this class acts as focus.</summary>
internal sealed class BridgeCall : INetworkPeer, IShardObserver, IDisposable
{
    public const string Meeting = "5f2d0c51-meeting";
    private static readonly Lazy<DtlsCertificate> Certificate = new(() => DtlsCertificate.Create(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7)));
    private readonly SeededRandomSource _random;
    private readonly List<HeadlessEndpoint> _clients = [];
    private uint _nextAddress = 0x0A000010;

    public BridgeCall(ulong seed, LinkConditions? conditions = null, Action<MediaBridgeOptions>? configure = null)
    {
        Network = new VirtualNetwork(seed, conditions ?? LinkConditions.Perfect);
        _random = new SeededRandomSource(Network.Seed);
        Port = new FakePort(TransportAddress.FromIPv4(0x0A0000FE, 10000));
        var options = new MediaBridgeOptions { BridgeId = "jvb-1", PublicUrl = new Uri("https://meet.example:8443") };
        configure?.Invoke(options);
        Shard = new BridgeShard(options, [Port], () => Certificate.Value, _random, this);
        Network.Attach(this, Port.Local);
    }

    public VirtualNetwork Network { get; }

    public FakePort Port { get; }

    public BridgeShard Shard { get; }

    public List<(string Endpoint, EndpointEnd Reason)> Ended { get; } = [];

    public List<(string Endpoint, ChannelRejection Reason)> Limited { get; } = [];

    public List<(string Endpoint, EndpointJoinStep Step)> JoinSteps { get; } = [];

    public List<Exception> Errors { get; } = [];

    /// <summary>Set when the test is about errors; otherwise there must be none.</summary>
    public bool ExpectsErrors { get; set; }

    /// <summary>Runs on every event of the shard; for an observer that throws.</summary>
    public Action? Observing { get; set; }

    public Conference Conference => Shard.FindByMeeting(Meeting)!;

    MonotonicTime INetworkPeer.NextTimeout => Shard.NextTimeout;

    public BridgeEndpoint this[string id] => Conference.Find(id)!;

    public HeadlessEndpoint Join(HeadlessEndpointOptions options, bool rewriting = true, bool visitor = false, TransportAddress? at = null, EndpointJoin? join = null, string meeting = Meeting)
    {
        var address = at ?? TransportAddress.FromIPv4(_nextAddress++, 5000);
        var client = new HeadlessEndpoint(options, _random, address);
        _clients.Add(client);
        Network.Attach(client, address);

        var create = Request(c => c.Create = Shard.FindByMeeting(meeting) is null, meeting);
        create.Endpoints.Add(Create(options, rewriting, visitor));
        var described = Modify(create, join).Endpoints.Single().Transport;

        client.Connect(
            described.Ufrag,
            described.Password,
            described.Candidates.Select(c => Ice.Candidate.CreateHost(Address(c))),
            [.. described.Fingerprints.Select(f => new Dtls.Fingerprint(f.Hash, f.Value))],
            Network.Now);
        Modify(Request(r => r.Endpoints.Add(Accept(client, options, visitor)), meeting));
        Network.Drain();
        return client;
    }

    public void Leave(HeadlessEndpoint client, string meeting = Meeting)
    {
        Modify(Request(r => r.Endpoints.Add(new EndpointChange { Id = client.Id, Expire = true }), meeting));
        Network.Detach(client);
    }

    /// <summary>Sends on the client's data channel.</summary>
    public void Say(HeadlessEndpoint client, string json)
    {
        Assert.True(client.SendChannelMessage(json, Network.Now));
        Network.Drain();
    }

    public void Run(double seconds) => Network.RunFor(TimeSpan.FromSeconds(seconds));

    public void Until(Func<bool> condition, double seconds = 10) => Assert.True(Network.RunUntil(condition, TimeSpan.FromSeconds(seconds)), ToString());

    public ModifyConferenceResponse Modify(ModifyConferenceRequest request, EndpointJoin? join = null)
    {
        var (response, failure) = ConferenceModifier.Modify(Shard, request, overloaded: false, Network.Now, join);
        Assert.True(failure is null, failure?.ToString());
        return response!;
    }

    public static ModifyConferenceRequest Request(Action<ModifyConferenceRequest> fill, string meeting = Meeting)
    {
        var request = new ModifyConferenceRequest { MeetingId = meeting, Name = "room@muc.meet.example" };
        fill(request);
        return request;
    }

    public static EndpointChange Create(HeadlessEndpointOptions options, bool rewriting, bool visitor)
    {
        var audio = new MediaDescription { Type = MediaType.Audio };
        audio.PayloadTypes.Add(new PayloadTypeDescription { Id = options.OpusPayloadType, Name = "opus", ClockRate = 48000, Channels = 2, RtcpFeedback = { new RtcpFeedback { Type = "transport-cc" } } });
        audio.HeaderExtensions.Add(new HeaderExtension { Id = options.AudioLevelExtension, Uri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level" });
        var video = new MediaDescription { Type = MediaType.Video };
        video.PayloadTypes.Add(new PayloadTypeDescription
        {
            Id = options.Vp8PayloadType,
            Name = "VP8",
            ClockRate = 90000,
            RtcpFeedback = { new RtcpFeedback { Type = "nack" }, new RtcpFeedback { Type = "nack", Subtype = "pli" }, new RtcpFeedback { Type = "transport-cc" } },
        });
        video.PayloadTypes.Add(new PayloadTypeDescription { Id = options.RtxPayloadType, Name = "rtx", ClockRate = 90000, Parameters = { ["apt"] = $"{options.Vp8PayloadType}" } });
        foreach (var media in new[] { audio, video })
        {
            media.HeaderExtensions.Add(new HeaderExtension { Id = options.TransportCcExtension, Uri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01" });
        }

        return new EndpointChange
        {
            Id = options.Id,
            Create = true,
            Visitor = visitor,
            Capabilities = new Capabilities { SourceNames = true, SsrcRewriting = rewriting },
            Media = { audio, video },
            Transport = new Transport { IceControlling = true, Sctp = options.UsesDataChannel },
        };
    }

    public static EndpointChange Accept(HeadlessEndpoint client, HeadlessEndpointOptions options, bool visitor)
    {
        var sources = new Sources();
        if (!visitor && options.SendsAudio) sources.Sources_.Add(new Source { Name = $"{options.Id}-a0", Type = MediaType.Audio, Ssrcs = { client.AudioSsrc } });
        if (!visitor && options.SendsVideo) sources.Sources_.Add(Video(client, options));
        return new EndpointChange
        {
            Id = options.Id,
            Sources = sources,
            Transport = new Transport
            {
                Ufrag = client.Ufrag,
                Password = client.Password,
                Fingerprints = { new Contracts.Bridge.Fingerprint { Hash = client.Fingerprint.Hash, Value = client.Fingerprint.Value, Setup = "active" } },
            },
        };
    }

    void INetworkPeer.HandleTimeout(MonotonicTime now) => Shard.HandleTimeout(now);

    void INetworkPeer.HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now) =>
        Shard.HandleDatagram(datagram, local, remote, now);

    bool INetworkPeer.TryDequeueTransmit(out VirtualDatagram datagram) => Port.Sent.TryDequeue(out datagram);

    void IShardObserver.OnEndpointEnded(string meetingId, string endpointId, EndpointEnd reason)
    {
        Ended.Add((endpointId, reason));
        Observing?.Invoke();
    }

    void IShardObserver.OnTransportFailed(string meetingId, string endpointId, PeerFailure failure)
    {
    }

    void IShardObserver.OnChannelLimited(string meetingId, string endpointId, ChannelRejection reason) => Limited.Add((endpointId, reason));

    void IShardObserver.OnJoinStep(string meetingId, string endpointId, EndpointJoin join, EndpointJoinStep step) => JoinSteps.Add((endpointId, step));

    void IShardObserver.OnFault(ShardFault kind, string? meetingId, string? endpointId, Exception error) => Errors.Add(error);

    public override string ToString() => $"{Network} {string.Join("; ", Errors)} {Encoding.UTF8.GetString(BridgeViews.Debug(Shard, Network.Now))}";

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
        if (!ExpectsErrors) Assert.Empty(Errors);
    }

    private static TransportAddress Address(Candidate candidate)
    {
        Assert.True(TransportAddress.TryParse(candidate.Address, candidate.Port, out var address));
        return address;
    }

    private static Source Video(HeadlessEndpoint client, HeadlessEndpointOptions options)
    {
        var source = new Source { Name = $"{options.Id}-v0", Type = MediaType.Video, VideoType = "camera" };
        var simulcast = new SsrcGroup { Semantics = "SIM" };
        foreach (var pair in client.VideoSsrcs)
        {
            source.Ssrcs.Add(pair.Primary);
            source.Ssrcs.Add(pair.Rtx);
            simulcast.Ssrcs.Add(pair.Primary);
            source.Groups.Add(new SsrcGroup { Semantics = "FID", Ssrcs = { pair.Primary, pair.Rtx } });
        }

        if (simulcast.Ssrcs.Count > 1) source.Groups.Add(simulcast);
        return source;
    }
}

/// <summary>A colibri-ws connection that records its messages.</summary>
internal sealed class FakeConnection : IChannelConnection
{
    public List<string> Messages { get; } = [];

    /// <summary>Runs before a message is accepted; for a connection that throws.</summary>
    public Action? Taking { get; set; }

    public int? ClosedWith { get; private set; }

    public void Send(byte[] utf8)
    {
        Taking?.Invoke();
        Messages.Add(Encoding.UTF8.GetString(utf8));
    }

    public void Close(int code, string reason)
    {
        Taking?.Invoke();
        ClosedWith = code;
    }
}
