using System.Buffers.Binary;
using System.Text;
using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.Kit.Networks;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>What a receiver gets when it or what it receives comes and goes: numbers without holes and never twice, pictures without a request of its own.</summary>
public sealed class WayDownScenarios
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30 };
    private static readonly HeadlessEndpointOptions B = new() { Id = "bbbb0002", AudioLevel = 90 };
    private static readonly TransportAddress AddressOfB = TransportAddress.FromIPv4(0x0A000011, 5000);

    [Fact]
    public void Who_said_what_it_wants_before_it_was_connected_sees_a_picture_at_once_without_asking()
    {
        using var call = new BridgeCall(1);
        var a = call.Join(A);
        call.Until(() => a.IsConnected);
        call.Network.Drop = d => d.Destination == AddressOfB || d.Source == AddressOfB;
        var b = call.Join(B with { UsesDataChannel = false, SendsVideo = false });
        var endpoint = call[b.Id];
        endpoint.Channel.OnSocketOpened(new FakeConnection(), call.Network.Now);
        endpoint.Channel.OnMessage(Encoding.UTF8.GetBytes(B.ReceiverConstraints!), overData: false, call.Network.Now);
        call.Run(3);

        // Its own requests are lost.
        call.Network.Drop = d => d.Source == AddressOfB && IsMedia(d) && d.Bytes.Span[1] is >= 192 and <= 223;
        call.Until(() => b.IsConnected, 30);
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 10), 1);
    }

    [Fact]
    public void What_a_client_asks_for_after_its_path_is_lost_is_left_unanswered()
    {
        using var call = new BridgeCall(8);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => b.Streams.Values.Any(s => s.DecodableFrames > 10));
        var random = new SeededRandomSource(call.Network.Seed);

        // The bridge loses consent: it hears no answer to its checks, and hears everything else. What it sent last is missed, and asked for.
        call.Network.Drop = d => (d.Source == AddressOfB && d.Bytes.Span[0] == 1 && d.Bytes.Span[1] == 1) || (d.Destination == AddressOfB && IsRtp(d) && random.NextInt(3) == 0);
        call.Until(() => call[b.Id].Port is null, 90);
        var before = (b.NacksSent, call[b.Id].Counters.Retransmitted);
        call.Run(2);
        Assert.True(b.NacksSent > before.NacksSent, call.ToString());
        Assert.Equal(before.Retransmitted, call[b.Id].Counters.Retransmitted);
        Assert.Empty(call.Errors);
        Assert.Empty(call.Ended);
    }

    [Fact]
    public void A_forced_mute_of_a_microphone_leaves_no_hole()
    {
        using var call = new BridgeCall(2);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => Audio(b, a) is { Packets: > 20 });
        foreach (var muted in new[] { true, false })
        {
            call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = a.Id, ForceMute = new ForceMute { Audio = muted } })));
            call.Run(2);
        }

        Assert.InRange(Audio(b, a)!.Packets, 110, 400);
        Assert.Equal((0, 0), (Audio(b, a)!.Lost, Audio(b, a)!.TimestampReversals));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_microphone_that_is_subscribed_to_again_leaves_no_hole(bool rewriting)
    {
        using var call = new BridgeCall(3);
        var (a, b) = (call.Join(A, rewriting), call.Join(B, rewriting));
        call.Until(() => Stream() is { Packets: > 20 } && b.IsChannelOpen);
        foreach (var mode in new[] { "None", "All" })
        {
            call.Say(b, $$"""{"colibriClass":"ReceiverAudioSubscription","mode":"{{mode}}"}""");
            call.Run(2);
        }

        Assert.InRange(Stream()!.Packets, 110, 400);
        Assert.Equal((0, 0), (Stream()!.Lost, Stream()!.TimestampReversals));

        ReceivedStream? Stream() => rewriting ? Audio(b, a) : b.Streams.GetValueOrDefault(a.AudioSsrc);
    }

    [Fact]
    public void A_source_that_comes_back_under_its_ssrcs_uses_no_number_twice()
    {
        using var call = new BridgeCall(4);
        var (a, b) = (call.Join(A, rewriting: false), call.Join(B, rewriting: false));
        var sent = new Dictionary<(uint Ssrc, ushort Sequence), int>();
        var random = new SeededRandomSource(4);
        call.Network.Drop = d =>
        {
            if (d.Destination != AddressOfB || !IsRtp(d)) return false;
            var number = Number(d);
            sent[number] = sent.GetValueOrDefault(number) + 1;
            return d.Bytes.Length > 400 && random.NextInt(20) == 0;
        };
        call.Until(() => b.Streams.TryGetValue(a.VideoSsrcs[0].Primary, out var s) && s.Packets > 100);
        var layouts = Sources(a);
        foreach (var sources in new[] { new Sources(), layouts, new Sources(), layouts })
        {
            call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = a.Id, Sources = sources })));
            call.Run(1.5);
        }

        Assert.True(sent.Keys.Count(n => n.Ssrc == a.VideoSsrcs[0].Rtx) > 5, "retransmissions");
        Assert.All(sent, one => Assert.Equal(1, one.Value));
        Assert.Equal(0, b.TransportCounters[PeerDrop.SrtpReplayed]);
        call.Network.Drop = null;
        var before = b.Streams[a.VideoSsrcs[0].Primary].Packets;
        call.Run(1);
        Assert.True(b.Streams[a.VideoSsrcs[0].Primary].Packets > before + 50, call.ToString());
    }

    [Fact]
    public void A_resend_without_rtx_is_the_same_byte_for_byte()
    {
        using var call = new BridgeCall(5);
        var (a, b) = (call.Join(A, rewriting: false), call.Join(B, rewriting: false));
        var plain = Sources(a);
        foreach (var source in plain.Sources_.Where(s => s.Type == MediaType.Video))
        {
            foreach (var fid in source.Groups.Where(g => g.Semantics == "FID").ToArray()) source.Groups.Remove(fid);
        }

        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = a.Id, Sources = plain })));
        var sent = new Dictionary<(uint Ssrc, ushort Sequence), List<byte[]>>();
        var random = new SeededRandomSource(5);
        call.Network.Drop = d =>
        {
            if (d.Destination != AddressOfB || !IsRtp(d)) return false;
            if (!sent.TryGetValue(Number(d), out var earlier)) sent[Number(d)] = earlier = [];
            earlier.Add(d.Bytes.ToArray());
            return d.Bytes.Length > 400 && random.NextInt(20) == 0;
        };
        call.Until(() => b.Streams.TryGetValue(a.VideoSsrcs[0].Primary, out var s) && s.DecodableFrames > 60);
        call.Run(2);
        var twice = sent.Values.Where(times => times.Count > 1).ToArray();
        Assert.True(twice.Length > 5, $"{twice.Length}");
        Assert.All(twice, times => Assert.All(times, one => Assert.Equal(times[0], one)));
    }

    [Fact]
    public void Nothing_is_sent_to_who_no_longer_consents()
    {
        using var call = new BridgeCall(6);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 10));
        var media = 0;
        call.Network.Drop = d =>
        {
            if (d.Destination == AddressOfB && IsMedia(d)) media++;
            return d.Source == AddressOfB;
        };
        call.Until(() => call[b.Id].Failure == PeerFailure.IceConsentExpired, 40);
        Assert.True(media > 100, $"{media}");
        media = 0;
        call.Run(5);
        Assert.Equal(0, media);
        Assert.False(call[b.Id].CanSend);
        Assert.True(call[a.Id].CanSend);
    }

    [Fact]
    public void Nothing_is_sent_to_who_said_goodbye_in_dtls()
    {
        using var call = new BridgeCall(7);
        var (_, b) = (call.Join(A), call.Join(B));
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 10));
        b.Close(call.Network.Now);
        call.Until(() => call[b.Id].Failure == PeerFailure.DtlsClosedByRemote, 5);
        var media = 0;
        call.Network.Drop = d =>
        {
            if (d.Destination == AddressOfB && IsMedia(d)) media++;
            return false;
        };
        call.Run(3);
        Assert.Equal(0, media);
    }

    [Fact]
    public void Who_was_told_inactive_and_comes_back_under_its_id_is_told_active()
    {
        using var call = new BridgeCall(8);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected && a.IsChannelOpen);
        call.Network.Detach(b);
        call.Until(() => a.Channel.Messages.Any(m => m.Contains("\"endpoint\":\"bbbb0002\",\"active\":\"false\"", StringComparison.Ordinal)), 20);
        call.Leave(b);
        call.Run(1);
        call.Join(B);
        call.Until(() => a.Channel.Messages.Any(m => m.Contains("\"endpoint\":\"bbbb0002\",\"active\":\"true\"", StringComparison.Ordinal)), 5);
        Assert.False(call[B.Id].ToldInactive);
    }

    [Fact]
    public void The_kind_of_a_source_that_is_told_before_the_source_counts()
    {
        using var call = new BridgeCall(9);
        var a = call.Join(A);
        call.Until(() => a.IsChannelOpen && a.Channel.SawServerHello);
        call.Say(a, """{"colibriClass":"SourceVideoTypeMessage","sourceName":"aaaa0001-v1","videoType":"desktop"}""");
        for (var i = 0; i < 2 * EndpointLimits.MaxSources; i++)
        {
            call.Say(a, $$"""{"colibriClass":"SourceVideoTypeMessage","sourceName":"none{{i}}","videoType":"desktop"}""");
            call.Run(0.05);
        }

        var sources = Sources(a);
        sources.Sources_.Add(new Source { Name = "aaaa0001-v1", Type = MediaType.Video, Ssrcs = { 4711 } });
        sources.Sources_.Add(new Source { Name = "none126", Type = MediaType.Video, Ssrcs = { 4712 } });
        call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = a.Id, Sources = sources })));
        Assert.Equal([VideoType.Camera, VideoType.Desktop, VideoType.Camera], call[a.Id].VideoSources.Select(s => s.VideoType));
    }

    private static ReceivedStream? Audio(HeadlessEndpoint receiver, HeadlessEndpoint sender) =>
        receiver.Channel.Sources.Values.FirstOrDefault(s => s.Source == $"{sender.Id}-a0") is { } mapped ? receiver.Streams.GetValueOrDefault(mapped.Ssrc) : null;

    private static Sources Sources(HeadlessEndpoint client)
    {
        var video = new Source { Name = $"{client.Id}-v0", Type = MediaType.Video, VideoType = "camera" };
        var simulcast = new SsrcGroup { Semantics = "SIM" };
        foreach (var pair in client.VideoSsrcs)
        {
            video.Ssrcs.AddRange([pair.Primary, pair.Rtx]);
            simulcast.Ssrcs.Add(pair.Primary);
            video.Groups.Add(new SsrcGroup { Semantics = "FID", Ssrcs = { pair.Primary, pair.Rtx } });
        }

        video.Groups.Add(simulcast);
        return new Sources { Sources_ = { new Source { Name = $"{client.Id}-a0", Type = MediaType.Audio, Ssrcs = { client.AudioSsrc } }, video } };
    }

    private static bool IsMedia(in VirtualDatagram d) => d.Bytes.Length > 12 && d.Bytes.Span[0] is >= 128 and <= 191;

    private static bool IsRtp(in VirtualDatagram d) => IsMedia(d) && d.Bytes.Span[1] is < 192 or > 223;

    private static (uint Ssrc, ushort Sequence) Number(in VirtualDatagram d) =>
        (BinaryPrimitives.ReadUInt32BigEndian(d.Bytes.Span[8..]), BinaryPrimitives.ReadUInt16BigEndian(d.Bytes.Span[2..]));
}
