using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Dtls;
using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Endpoints;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Perf.Results;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.Perf.Benchmarks;

/// <summary>
/// Bytes allocated for a packet on its steady way through a shard: one sender, twenty receivers on a virtual network; a second of the sender's datagrams
/// is caught on its way and handed to the shard by hand. An ordinary test holds the same to 0.
/// </summary>
internal sealed class AllocationBenchmark : IBenchmark
{
    private const int Receivers = 20;

    public string Name => "allocations";

    public Task<IReadOnlyList<Row>> RunAsync(BenchmarkContext context)
    {
        using var call = new ShardCall();
        var sender = call.Join(new HeadlessEndpointOptions { Id = "aaaa0001", AudioLevel = 30 });
        var receivers = Enumerable.Range(0, Receivers).Select(i => call.Join(new HeadlessEndpointOptions { Id = $"bbbb00{i:00}", SendsAudio = false, SendsVideo = false })).ToList();
        var network = call.Network;
        if (!network.RunUntil(() => receivers.TrueForAll(r => r.Streams.Values.Any(s => s.DecodableFrames > 30)), TimeSpan.FromSeconds(20))) throw new TimeoutException("No media in virtual time.");
        network.RunFor(TimeSpan.FromSeconds(5));

        var caught = new List<(byte[] Datagram, TransportAddress From)>();
        network.Drop = d =>
        {
            if (d.Destination == call.Port.Local && d.Bytes.Span[0] is >= 128 and <= 191 && d.Bytes.Span[1] is < 192 or > 223) caught.Add((d.Bytes.ToArray(), d.Source));
            return true;
        };
        network.RunFor(TimeSpan.FromSeconds(1));
        call.Port.Discards = true;
        var now = network.Now;
        var half = caught.Count / 2;
        for (var i = 0; i < half; i++) Feed(i);
        var committed = call.Port.Committed;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = half; i < caught.Count; i++) Feed(i);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var packets = call.Port.Committed - committed;
        if (packets == 0) throw new InvalidOperationException("Nothing was forwarded.");
        context.Say($"{allocated} bytes for {caught.Count - half} packets in, {packets} out");
        var each = (double)allocated / packets;
        _ = sender;
        return Task.FromResult<IReadOnlyList<Row>>([new Row("bytes allocated per packet, steady packet path", Table.Number(each) + " B", "-", null, Budget.AtMost(0, "0 B"), each)]);

        void Feed(int index)
        {
            now += TimeSpan.FromMilliseconds(2);
            call.Shard.HandleDatagram(caught[index].Datagram, call.Port.Local, caught[index].From, now);
        }
    }

    /// <summary>A shard and headless clients on a virtual network, with this class in focus's place.</summary>
    private sealed class ShardCall : INetworkPeer, IShardObserver, IDisposable
    {
        private const string Meeting = "allocations";
        private readonly DtlsCertificate _certificate = DtlsCertificate.Create(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
        private readonly SeededRandomSource _random = new(1);
        private readonly List<HeadlessEndpoint> _clients = [];
        private uint _nextAddress = 0x0A000010;

        public ShardCall()
        {
            Network = new VirtualNetwork(1, LinkConditions.Perfect);
            Shard = new BridgeShard(new MediaBridgeOptions { BridgeId = "jvb-1" }, [Port], () => _certificate, _random, this);
            Network.Attach(this, Port.Local);
        }

        public VirtualNetwork Network { get; }

        public CountingPort Port { get; } = new(TransportAddress.FromIPv4(0x0A0000FE, 10000));

        public BridgeShard Shard { get; }

        MonotonicTime INetworkPeer.NextTimeout => Shard.NextTimeout;

        public HeadlessEndpoint Join(HeadlessEndpointOptions options)
        {
            var address = TransportAddress.FromIPv4(_nextAddress++, 5000);
            var client = new HeadlessEndpoint(options, _random, address);
            _clients.Add(client);
            Network.Attach(client, address);
            var create = Change(Create(options));
            create.Create = Shard.FindByMeeting(Meeting) is null;
            var described = Modify(create).Endpoints.Single().Transport;
            client.Connect(
                described.Ufrag,
                described.Password,
                described.Candidates.Select(c => Ice.Candidate.CreateHost(TransportAddress.TryParse(c.Address, c.Port, out var parsed) ? parsed : default)),
                [.. described.Fingerprints.Select(f => new Dtls.Fingerprint(f.Hash, f.Value))],
                Network.Now);
            Modify(Change(Accept(client, options)));
            Network.Drain();
            return client;
        }

        void INetworkPeer.HandleTimeout(MonotonicTime now) => Shard.HandleTimeout(now);

        void INetworkPeer.HandleDatagram(byte[] datagram, TransportAddress local, TransportAddress remote, MonotonicTime now) => Shard.HandleDatagram(datagram, local, remote, now);

        bool INetworkPeer.TryDequeueTransmit(out VirtualDatagram datagram) => Port.Sent.TryDequeue(out datagram);

        void IShardObserver.OnEndpointEnded(string meetingId, string endpointId, EndpointEnd reason)
        {
        }

        void IShardObserver.OnTransportFailed(string meetingId, string endpointId, PeerFailure failure)
        {
        }

        void IShardObserver.OnInternalError(string meetingId, string endpointId, Exception error) => throw new InvalidOperationException("The shard failed.", error);

        public void Dispose()
        {
            foreach (var client in _clients) client.Dispose();
            _certificate.Dispose();
        }

        private ModifyConferenceResponse Modify(ModifyConferenceRequest request)
        {
            var (response, failure) = ConferenceModifier.Modify(Shard, request, overloaded: false, Network.Now);
            return response ?? throw new InvalidOperationException(failure?.ToString());
        }

        private static ModifyConferenceRequest Change(EndpointChange endpoint) => new() { MeetingId = Meeting, Name = "allocations@muc", Endpoints = { endpoint } };

        private static EndpointChange Create(HeadlessEndpointOptions options)
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
                Capabilities = new Capabilities { SourceNames = true, SsrcRewriting = true },
                Media = { audio, video },
                Transport = new Transport { IceControlling = true, Sctp = true },
            };
        }

        private static EndpointChange Accept(HeadlessEndpoint client, HeadlessEndpointOptions options)
        {
            var sources = new Sources();
            if (options.SendsAudio) sources.Sources_.Add(new Source { Name = $"{options.Id}-a0", Type = MediaType.Audio, Ssrcs = { client.AudioSsrc } });
            if (options.SendsVideo)
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

                source.Groups.Add(simulcast);
                sources.Sources_.Add(source);
            }

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
    }

    /// <summary>A port without a socket: what is committed waits in a queue, or is only counted.</summary>
    private sealed class CountingPort(TransportAddress local) : IDatagramPort
    {
        private readonly byte[] _buffer = new byte[PortLimits.BufferSize];

        public TransportAddress Local { get; } = local;

        public PortCounters Counters { get; } = new();

        public Queue<VirtualDatagram> Sent { get; } = new();

        public bool Discards { get; set; }

        public long Committed { get; private set; }

        public int Receive() => 0;

        public Span<byte> Received(int index, out TransportAddress remote) => throw new InvalidOperationException("Nothing was received.");

        public Span<byte> Rent() => _buffer;

        public void Commit(int length, in TransportAddress remote)
        {
            Committed++;
            if (!Discards) Sent.Enqueue(new VirtualDatagram(Local, remote, _buffer.AsSpan(0, length).ToArray()));
        }

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }
}
