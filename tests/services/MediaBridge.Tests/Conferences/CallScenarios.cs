using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>Whole calls through a shard in virtual time: real ICE, DTLS, SRTP and SCTP on both sides.</summary>
public sealed class CallScenarios
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30 };
    private static readonly HeadlessEndpointOptions B = new() { Id = "bbbb0002", AudioLevel = 90 };

    [Fact]
    public void Two_clients_with_rewriting_see_and_hear_each_other_on_the_mapped_streams()
    {
        using var call = new BridgeCall(1);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected && a.Channel.SawServerHello && b.Channel.SawServerHello);
        call.Run(6);

        foreach (var (sender, receiver) in new[] { (a, b), (b, a) })
        {
            var map = receiver.Channel.Sources.Values;
            var video = receiver.Streams[map.Single(s => s.Source == $"{sender.Id}-v0").Ssrc];
            var audio = receiver.Streams[map.Single(s => s.Source == $"{sender.Id}-a0").Ssrc];
            Assert.True(audio.Packets > 200, call.ToString());
            Assert.Equal((0, 0), (audio.Lost, audio.Duplicates));
            Assert.Equal(sender == a ? 30 : 90, audio.AudioLevel);
            Assert.True(video.DecodableFrames > 100, $"{video.DecodableFrames} {call}");
            Assert.Equal((0, 0, 0, 0), (video.Lost, video.PictureIdGaps, video.TornFrames, video.TimestampReversals));
            Assert.Equal((1280, 720), video.Size);
            Assert.Equal(2, video.HighestTemporalId);

            // No SSRC of the sender's own is ever seen by a receiver with rewriting.
            Assert.DoesNotContain(receiver.Streams.Keys, s => s == sender.AudioSsrc || sender.VideoSsrcs.Any(p => p.Primary == s));
            Assert.Equal([$"{sender.Id}-v0"], receiver.Channel.ForwardedSources);
            Assert.Equal(720, sender.Channel.SenderConstraints[$"{sender.Id}-v0"]);
            Assert.True(receiver.SenderReportsReceived > 4 && sender.ReceiverReportsReceived > 4 && sender.TransportFeedbackReceived > 20, call.ToString());
        }

        Assert.True(call["aaaa0001"].RoundTripTime is not null);
    }

    [Fact]
    public void Each_step_of_a_traced_join_is_told_once_and_then_packets_look_no_further()
    {
        using var call = new BridgeCall(3);
        var traced = new EndpointJoin("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", DateTimeOffset.UnixEpoch);
        var (a, b) = (call.Join(A, join: traced), call.Join(B));
        Assert.NotNull(call[A.Id].Join);
        Assert.Null(call[B.Id].Join);
        call.Until(() => a.IsConnected && b.IsConnected);
        call.Run(2);

        EndpointJoinStep[] steps = [EndpointJoinStep.IceConnected, EndpointJoinStep.DtlsConnected, EndpointJoinStep.FirstMediaReceived, EndpointJoinStep.FirstMediaSent];
        Assert.All(call.JoinSteps, told => Assert.Equal(A.Id, told.Endpoint));
        Assert.Equal(steps[..2], call.JoinSteps.Take(2).Select(told => told.Step));
        Assert.Equal(steps, call.JoinSteps.Select(told => told.Step).Order());
        Assert.Null(call[A.Id].Join);
    }

    [Fact]
    public void Without_rewriting_a_source_comes_on_its_first_encodings_ssrcs_whatever_is_sent()
    {
        using var call = new BridgeCall(2);
        var (a, b) = (call.Join(A, rewriting: false), call.Join(B, rewriting: false));
        call.Until(() => a.IsConnected && b.IsConnected);
        call.Run(5);

        var video = b.Streams[a.VideoSsrcs[0].Primary];
        Assert.Equal((1280, 720), video.Size);
        Assert.True(video.DecodableFrames > 80, call.ToString());
        Assert.Equal((0, 0, 0, 0), (video.Lost, video.PictureIdGaps, video.TornFrames, video.TimestampReversals));
        Assert.True(b.Streams[a.AudioSsrc].Packets > 150);
        Assert.DoesNotContain(a.VideoSsrcs[1].Primary, b.Streams.Keys);
        Assert.Empty(b.Channel.Sources);
    }

    [Fact]
    public void A_change_of_layout_changes_the_layer_without_a_break()
    {
        using var call = new BridgeCall(3);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => b.IsChannelOpen && b.Streams.Values.Any(s => s.Size == (1280, 720)));
        var video = b.Streams.Values.Single(s => s.IsVideo);

        call.Say(b, """{"colibriClass":"ReceiverVideoConstraints","defaultConstraints":{"maxHeight":180}}""");
        call.Until(() => video.Size == (320, 180), 3);
        Assert.Equal(180, a.Channel.SenderConstraints["aaaa0001-v0"]);
        call.Run(2);

        call.Say(b, """{"colibriClass":"ReceiverVideoConstraints","defaultConstraints":{"maxHeight":720}}""");
        call.Until(() => video.Size == (1280, 720), 8);
        call.Run(1);
        Assert.Equal((0, 0, 0, 0), (video.Lost, video.PictureIdGaps, video.TornFrames, video.TimestampReversals));
    }

    [Fact]
    public void No_video_flows_before_the_receiver_has_said_what_it_wants()
    {
        using var call = new BridgeCall(4);
        var (_, b) = (call.Join(A), call.Join(B with { ReceiverConstraints = null }));
        call.Until(() => b.IsConnected && b.IsChannelOpen);
        call.Run(3);
        Assert.DoesNotContain(b.Streams.Values, s => s.IsVideo);
        Assert.DoesNotContain(b.Channel.Messages, m => m.Contains("VideoSourcesMap", StringComparison.Ordinal) && m.Contains("-v0", StringComparison.Ordinal));

        call.Say(b, """{"colibriClass":"ReceiverVideoConstraints","lastN":-1}""");
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 10), 3);
        Assert.Equal((320, 180), b.Streams.Values.Single(s => s.IsVideo).Size);
    }

    [Fact]
    public void Loss_on_the_way_down_is_repaired_from_the_bridges_memory()
    {
        using var call = new BridgeCall(5);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => b.Streams.Values.Any(s => s.DecodableFrames > 10));
        call.Run(2);
        var random = new SeededRandomSource(call.Network.Seed);
        var before = a.NacksReceived;
        var video = b.Streams.Values.Single(s => s.IsVideo);
        call.Network.Drop = d => d.Source == call.Port.Local && d.Bytes.Length > 400 && random.NextInt(33) == 0;
        call.Run(4);
        call.Network.Drop = null;
        call.Run(2);

        Assert.True(video.Recovered > 5, $"{video.Recovered} {call}");
        Assert.Equal(0, video.PictureIdGaps);
        Assert.True(call["bbbb0002"].Counters.Retransmitted > 5);
        Assert.True(a.NacksReceived - before < 5 + b.NacksSent, "losses on the way down must not be asked of the sender");
    }

    [Fact]
    public void Loss_on_the_way_up_is_asked_of_the_sender_and_repaired()
    {
        using var call = new BridgeCall(6);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => b.Streams.Values.Any(s => s.DecodableFrames > 10));
        var random = new SeededRandomSource(call.Network.Seed);
        call.Network.Drop = d => d.Destination == call.Port.Local && d.Bytes.Length > 400 && random.NextInt(33) == 0;
        call.Run(4);
        call.Network.Drop = null;
        call.Run(2);

        var video = b.Streams.Values.Single(s => s.IsVideo);
        Assert.True(a.NacksReceived > 5 && a.Retransmissions > 5, call.ToString());
        Assert.Equal((0, 0), (video.PictureIdGaps, video.TornFrames));
        Assert.False(video.NeedsKeyframe);
    }

    [Fact]
    public void A_rough_network_keeps_pictures_coming()
    {
        using var call = new BridgeCall(7, new LinkConditions
        {
            Latency = TimeSpan.FromMilliseconds(40),
            Loss = 0.03,
            BurstLoss = 0.2,
            Duplication = 0.02,
            Reordering = 0.01,
        });
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected, 30);
        call.Run(10);
        foreach (var receiver in new[] { a, b })
        {
            Assert.True(receiver.Streams.Values.Where(s => s.IsVideo).Sum(s => s.DecodableFrames) > 60, call.ToString());
            Assert.True(receiver.Streams.Values.Where(s => !s.IsVideo).Sum(s => s.Packets) > 200, call.ToString());
        }
    }

    [Fact]
    public void The_loudest_becomes_dominant_and_all_are_told()
    {
        using var call = new BridgeCall(8);
        var quiet = B with { AudioLevel = 126, SendsVideo = false };
        var (a, b) = (call.Join(A with { AudioLevel = 126, SendsVideo = false }), call.Join(quiet));
        call.Until(() => a.IsChannelOpen && b.IsChannelOpen && a.IsConnected && b.IsConnected);
        call.Run(2);
        b.AudioLevel = 10;
        call.Until(() => a.Channel.DominantSpeaker == "bbbb0002" && b.Channel.DominantSpeaker == "bbbb0002");
        b.AudioLevel = 126;
        a.AudioLevel = 5;
        call.Until(() => a.Channel.DominantSpeaker == "aaaa0001" && b.Channel.DominantSpeaker == "aaaa0001");
        Assert.Contains(a.Channel.Messages, m => m.Contains("\"previousSpeakers\":[\"bbbb0002\"]", StringComparison.Ordinal));
    }

    [Fact]
    public void A_client_that_falls_silent_is_told_of_and_ends_after_a_minute()
    {
        using var call = new BridgeCall(9);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected && a.IsChannelOpen);
        call.Run(1);
        call.Network.Detach(b);
        call.Run(12);
        Assert.Contains(a.Channel.Messages, m => m.Contains("\"endpoint\":\"bbbb0002\",\"active\":\"false\"", StringComparison.Ordinal));
        Assert.Empty(call.Ended);
        call.Run(55);
        Assert.Contains(call.Ended, e => e.Endpoint == "bbbb0002" && e.Reason is EndpointEnd.IceFailed or EndpointEnd.Inactive);
        Assert.Single(call.Conference.Endpoints);
    }

    [Fact]
    public void Force_mute_stops_media_whatever_the_client_does()
    {
        using var call = new BridgeCall(10);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 10));
        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = a.Id, ForceMute = new ForceMute { Audio = true, Video = true } })));
        call.Run(1);
        var before = b.Streams.Values.Sum(s => s.Packets - s.Recovered);
        call.Run(2);
        Assert.InRange(b.Streams.Values.Sum(s => s.Packets - s.Recovered) - before, 0, 40);
        Assert.True(call[a.Id].Counters.Dropped(PacketDrop.ForceMuted) > 100);
        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = a.Id, ForceMute = new ForceMute() })));
        call.Run(2);
        Assert.True(b.Streams.Values.Sum(s => s.Packets) - before > 150, call.ToString());
    }

    [Fact]
    public void A_visitor_watches_and_its_own_media_goes_nowhere()
    {
        using var call = new BridgeCall(11);
        var a = call.Join(A);
        var visitor = call.Join(B, visitor: true);
        call.Until(() => visitor.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 10));
        call.Run(2);
        Assert.Empty(a.Streams);
        Assert.True(call[visitor.Id].Counters.Dropped(PacketDrop.Visitor) > 50);
    }

    [Fact]
    public void The_smaller_picture_is_taken_where_the_path_is_narrow()
    {
        using var call = new BridgeCall(12);
        var (_, b) = (call.Join(A), call.Join(B with { SendsVideo = false }));
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 10));
        var (bytes, since) = (0.0, call.Network.Now);
        call.Network.Drop = d =>
        {
            // A policer of 700 kbps on the way to the receiver.
            if (d.Source != call.Port.Local || d.Destination.IPv4 != 0x0A000011) return false;
            bytes = Math.Max(0, bytes - ((call.Network.Now - since).TotalSeconds * 87_500));
            since = call.Network.Now;
            if (bytes + d.Bytes.Length > 20_000) return true;
            bytes += d.Bytes.Length;
            return false;
        };
        call.Run(20);
        var video = b.Streams[b.Channel.Sources.Values.Single(s => s.Source == "aaaa0001-v0").Ssrc];
        Assert.True(video.Size.Height < 720, call.ToString());
        Assert.False(video.NeedsKeyframe, call.ToString());
        Assert.True(call["bbbb0002"].EstimateBps < 1_500_000, call.ToString());
    }
}
