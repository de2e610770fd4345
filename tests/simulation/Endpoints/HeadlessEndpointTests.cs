using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.Primitives;

namespace JitsiMesh.Simulation.Tests.Endpoints;

/// <summary>The instrument itself: two endpoints over a forwarder that does nothing must see each other whole, and see what a network does to it.</summary>
public sealed class HeadlessEndpointTests
{
    private static readonly TransportAddress AddressA = TransportAddress.FromIPv4(0x0A000001, 5000);
    private static readonly TransportAddress AddressB = TransportAddress.FromIPv4(0x0A000002, 5000);
    private static readonly TransportAddress BridgeA = TransportAddress.FromIPv4(0x0A0000FE, 10001);
    private static readonly TransportAddress BridgeB = TransportAddress.FromIPv4(0x0A0000FE, 10002);

    [Fact]
    public void Two_endpoints_see_and_hear_each_other_whole()
    {
        using var call = new Call(1, LinkConditions.Perfect);
        Assert.True(call.Network.RunUntil(() => call.A.IsConnected && call.B.IsConnected && call.A.IsChannelOpen && call.A.Channel.SawServerHello, TimeSpan.FromSeconds(10)), call.ToString());
        call.Run(3);

        foreach (var (sender, receiver) in new[] { (call.A, call.B), (call.B, call.A) })
        {
            var audio = receiver.Streams[sender.AudioSsrc];
            Assert.InRange(audio.Packets, 100, 200);
            Assert.Equal((0, 0), (audio.Lost, audio.Duplicates));
            Assert.Equal(30, audio.AudioLevel);
            for (var i = 0; i < 3; i++)
            {
                var video = receiver.Streams[sender.VideoSsrcs[i].Primary];
                Assert.InRange(video.DecodableFrames, 50, 110);
                Assert.Equal(video.Frames, video.DecodableFrames);
                Assert.Equal((0, 0, 0, 0), (video.Lost, video.PictureIdGaps, video.TornFrames, video.TimestampReversals));
                Assert.Equal(2, video.HighestTemporalId);
                Assert.Equal((320 << i, 180 << i), video.Size);
            }

            Assert.True(sender.TransportFeedbackReceived > 20, $"{sender.TransportFeedbackReceived}");
            Assert.True(sender.ReceiverReportsReceived > 2);
            Assert.True(receiver.SenderReportsReceived > 2);
            Assert.Equal(0, receiver.UnknownPackets);
        }

        Assert.Contains(call.Bridge.ChannelMessages, m => m.Contains("ReceiverVideoConstraints", StringComparison.Ordinal));
    }

    [Fact]
    public void Loss_is_repaired_by_retransmission()
    {
        using var call = new Call(2, LinkConditions.Perfect);
        Assert.True(call.Network.RunUntil(() => call.A.IsConnected && call.B.IsConnected, TimeSpan.FromSeconds(10)), call.ToString());
        call.Run(1);
        var random = new SeededRandomSource(call.Network.Seed);
        call.Network.Drop = d => d.Source == BridgeB && d.Bytes.Length > 300 && random.NextInt(20) == 0;
        call.Run(4);

        var video = call.B.Streams[call.A.VideoSsrcs[2].Primary];
        Assert.True(video.Recovered > 10, $"{video.Recovered}, {call}");
        Assert.Equal(0, video.PictureIdGaps);
        Assert.True(video.DecodableFrames > 100, $"{video.DecodableFrames}, {call}");
        Assert.True(call.B.NacksSent > 0 && call.A.NacksReceived > 0 && call.A.Retransmissions > 0);
    }

    [Fact]
    public void After_an_outage_a_keyframe_is_asked_for_and_comes()
    {
        using var call = new Call(3, LinkConditions.Perfect);
        Assert.True(call.Network.RunUntil(() => call.A.IsConnected && call.B.IsConnected, TimeSpan.FromSeconds(10)), call.ToString());
        call.Run(1);
        var before = call.A.KeyframesSent;
        call.Network.Drop = d => d.Source == BridgeB && d.Bytes.Length > 300;
        call.Run(2);
        call.Network.Drop = null;
        call.Run(2);

        var video = call.B.Streams[call.A.VideoSsrcs[2].Primary];
        Assert.True(call.A.KeyframeRequestsReceived > 0);
        Assert.True(call.A.KeyframesSent > before);
        Assert.False(video.NeedsKeyframe);
        Assert.True(video.Lost > 0);
        Assert.True(video.DecodableFrames < video.Frames || video.Keyframes > 1);
    }

    [Fact]
    public void Sender_constraints_switch_encodings_off()
    {
        using var call = new Call(4, LinkConditions.Perfect);
        Assert.True(call.Network.RunUntil(() => call.A.IsConnected && call.B.IsConnected, TimeSpan.FromSeconds(10)), call.ToString());
        call.A.HandleChannelMessage("""{"colibriClass":"SenderSourceConstraints","sourceName":"a-v0","maxHeight":180}"""u8);
        call.Run(2);
        Assert.True(call.B.Streams.ContainsKey(call.A.VideoSsrcs[0].Primary));
        Assert.True(!call.B.Streams.TryGetValue(call.A.VideoSsrcs[2].Primary, out var big) || big.Frames < 10);
    }

    private sealed class Call : IDisposable
    {
        public Call(ulong seed, LinkConditions conditions)
        {
            Network = new VirtualNetwork(seed, conditions);
            var random = new SeededRandomSource(Network.Seed);
            A = new HeadlessEndpoint(new HeadlessEndpointOptions { Id = "a", AudioLevel = 30 }, random, AddressA);
            B = new HeadlessEndpoint(new HeadlessEndpointOptions { Id = "b", AudioLevel = 30 }, random, AddressB);
            foreach (var pair in A.VideoSsrcs) B.ExpectRtx(pair.Primary, pair.Rtx);
            foreach (var pair in B.VideoSsrcs) A.ExpectRtx(pair.Primary, pair.Rtx);
            Bridge = new PlainForwarder(random, Network.Now);
            Network.Attach(A, AddressA);
            Network.Attach(B, AddressB);
            Network.Attach(Bridge, BridgeA, BridgeB);
            Bridge.Connect(A, BridgeA);
            Bridge.Connect(B, BridgeB);
            Network.Drain();
        }

        public VirtualNetwork Network { get; }

        public HeadlessEndpoint A { get; }

        public HeadlessEndpoint B { get; }

        public PlainForwarder Bridge { get; }

        public void Run(double seconds)
        {
            var end = Network.Now + TimeSpan.FromSeconds(seconds);
            Network.RunUntil(() => Network.Now >= end, TimeSpan.FromSeconds(seconds + 1));
        }

        public override string ToString() => $"{Network}; a: {A.Failure}, b: {B.Failure}";

        public void Dispose()
        {
            A.Dispose();
            B.Dispose();
            Bridge.Dispose();
        }
    }
}
