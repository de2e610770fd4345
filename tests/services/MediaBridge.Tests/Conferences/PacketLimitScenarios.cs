using System.Buffers.Binary;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using AudioSource = JitsiMesh.MediaBridge.Conferences.Endpoints.AudioSource;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>Packets that are too long, too many, or that fail wherever they go: what they cost, and that the others notice nothing.</summary>
public sealed class PacketLimitScenarios
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30 };
    private static readonly HeadlessEndpointOptions B = new() { Id = "bbbb0002", AudioLevel = 90 };
    private static readonly HeadlessEndpointOptions Listener = new() { Id = "cccc0003", SendsAudio = false, SendsVideo = false };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Packets_of_any_length_end_nobody(bool rewriting)
    {
        using var call = new BridgeCall(1);
        var (a, b) = (call.Join(A, rewriting), call.Join(B, rewriting));
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 5) && b.Streams.Values.Any(s => !s.IsVideo && s.Packets > 5));
        byte[]? audio = null, video = null;
        a.MediaTap = p =>
        {
            var type = p.Span[1] & 0x7F;
            if (type == A.OpusPayloadType) audio = p.ToArray();
            else if (type == A.Vp8PayloadType) video = p.ToArray();
        };
        call.Until(() => audio is not null && video is not null);
        for (var length = 1400; length <= 2036; length++)
        {
            foreach (var sample in new[] { audio!, video! })
            {
                var packet = new byte[length + 12];
                sample.AsSpan(0, Math.Min(sample.Length, packet.Length)).CopyTo(packet);
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(sample.AsSpan(2)) + length - 1300));
                a.SendMedia(packet, isRtcp: false);
            }

            if (length % 10 == 0) call.Run(0.01);
        }

        call.Run(0.5);
        Assert.Empty(call.Ended);
        Assert.Equal(0, call.Shard.Counters.Faults(ShardFault.Forward));
        Assert.True(call[A.Id].Counters.Dropped(PacketDrop.TooLong) > 500, call.ToString());
        Assert.True(a.IsConnected && b.IsConnected);
    }

    [Theory]
    [InlineData(100, 88, 100)]
    [InlineData(100, 89, 0)]
    public void A_packet_that_does_not_fit_is_not_composed(int room, int payload, int length)
    {
        var formats = new EndpointFormats();
        var audio = new IngressPacket { Payload = new byte[payload], AudioLevel = -1 };
        Assert.Equal(length, PacketComposer.Audio(new byte[room], audio, default, new EgressStream(1, 0, null, isVideo: false), formats, stampMid: false));
        var video = new VideoPacket { Payload = new byte[payload], Orientation = -1, PayloadType = 100 };
        var stream = new EgressStream(1, 2, null, isVideo: true);
        Assert.Equal(length, PacketComposer.Video(new byte[room], video, stream, formats, stampMid: false, PacketComposer.NoTransportSequence, default));
        video.RtxPayloadType = 96;
        Assert.Equal(0, PacketComposer.Video(new byte[room], video, stream, formats, stampMid: false, PacketComposer.NoTransportSequence, default));
    }

    [Fact]
    public void A_packet_that_fails_for_two_receivers_costs_its_sender_and_not_the_rest_of_the_room()
    {
        using var call = new BridgeCall(3) { ExpectsErrors = true };
        call.Join(A);
        var listeners = Enumerable.Range(0, 4).Select(i => call.Join(Listener with { Id = $"cccc000{i}" })).ToArray();
        call.Until(() => listeners.All(l => l.Streams.Values.Any(s => !s.IsVideo && s.Packets > 5)));
        var source = call[A.Id].AudioSources[0];
        var packet = Sound(call, source);
        call.Port.Committing = (_, _) => throw new InvalidOperationException("thrown by the test");
        call.Conference.FanOut.Forward(source, packet, call.Network.Now);
        call.Port.Committing = null;
        call.Shard.EndFailed(call.Network.Now);
        Assert.Equal([A.Id, "cccc0000"], call.Ended.Select(e => e.Endpoint).Order());
        Assert.Equal(2, call.Errors.Count);
    }

    [Fact]
    public void More_voices_than_slots_do_not_take_them_from_each_other()
    {
        using var call = new BridgeCall(4);
        call.Join(Listener);
        call.Until(() => call[Listener.Id].CanSend);
        var sender = BridgeCall.Create(A, rewriting: true, visitor: false);
        var sources = Enumerable.Range(0, 60).Select(i => new Source { Name = $"{A.Id}-a{i}", Type = MediaType.Audio, Ssrcs = { (uint)(10_000 + i) } });
        sender.Sources = new Sources { Sources_ = { sources } };
        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(sender)));
        var microphones = call[A.Id].AudioSources;
        var receiver = call[Listener.Id];
        var now = call.Network.Now;

        // All at once: the slots go to the first.
        for (var i = 0; i < 60; i++) Say(i);
        Assert.Equal(60 - EndpointLimits.MaxSlots, receiver.Counters.Dropped(PacketDrop.NoSlot));

        // After a silence the others take some, and no more than so many at once.
        now += TimeSpan.FromSeconds(2);
        for (var i = 50; i < 60; i++) Say(i);
        Assert.Equal(10, receiver.Counters.Dropped(PacketDrop.NoSlot));
        var lost = microphones.FindAll(m => receiver.AudioSubscriptions[m].Stream is null);
        Assert.Equal(EndpointLimits.AudioStealBurst, lost.Count);
        foreach (var microphone in lost) Say(microphones.IndexOf(microphone));
        Assert.Equal(20, receiver.Counters.Dropped(PacketDrop.NoSlot));

        void Say(int index) => call.Conference.FanOut.Forward(microphones[index], new IngressPacket { Payload = new byte[40], PayloadType = A.OpusPayloadType, Codec = Codec.Opus, AudioLevel = -1, Arrival = now, Sequence = 70_000 }, now);
    }

    [Fact]
    public void A_flood_of_rtcp_is_dropped_and_counted()
    {
        using var call = new BridgeCall(5);
        var (_, b) = (call.Join(A), call.Join(B));
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 5));
        byte[] pli = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
        for (var i = 0; i < 10_000; i++) call[B.Id].Reports.Handle(pli, call.Network.Now);
        Assert.InRange(call[B.Id].Counters.Dropped(PacketDrop.RtcpTooOften), 10_000 - EndpointLimits.RtcpBurst, 10_000 - EndpointLimits.RtcpBurst + 100);
        var before = call[B.Id].Counters.Dropped(PacketDrop.RtcpTooOften);
        call.Run(5);
        Assert.InRange(call[B.Id].Counters.Dropped(PacketDrop.RtcpTooOften), before, before + 5);
    }

    /// <summary>A packet that each receiver takes as the next.</summary>
    private static IngressPacket Sound(BridgeCall call, AudioSource source)
    {
        foreach (var subscription in source.Subscriptions) subscription.Restart();
        return new IngressPacket { Payload = new byte[40], PayloadType = A.OpusPayloadType, Codec = Codec.Opus, AudioLevel = -1, Arrival = call.Network.Now, Sequence = 1 };
    }
}
