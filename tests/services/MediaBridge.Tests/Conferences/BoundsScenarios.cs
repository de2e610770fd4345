using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.PeerTransport;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>Each thing that a client can fill on the bridge, filled beside a call that loses nothing.</summary>
public sealed class BoundsScenarios
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30, SendsVideo = false };
    private static readonly HeadlessEndpointOptions B = new() { Id = "bbbb0002", AudioLevel = 90, SendsVideo = false };

    [Fact]
    public void Restarts_of_ice_leave_three_ufrags_at_most()
    {
        using var call = Call(out var a, out var b);
        for (var i = 0; i < 1000; i++)
        {
            call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = a.Id, RestartIce = true })));
            Assert.InRange(call.Shard.UfragCount, 2, 4);
        }

        AssertHears(call, b, 1);
        call.Run(30);
        Assert.Equal(2, call.Shard.UfragCount);
    }

    [Fact]
    public void Dtls_before_there_is_a_path_is_kept_up_to_its_limit_and_counted_beyond()
    {
        using var call = Call(out _, out var b);
        var described = call.Modify(BridgeCall.Request(r => r.Endpoints.Add(BridgeCall.Create(A with { Id = "cccc0003" }, true, false)))).Endpoints.Single().Transport;
        using var stranger = new HeadlessEndpoint(A with { Id = "cccc0003" }, new SeededRandomSource(9), TransportAddress.FromIPv4(0x0A000099, 5000));
        stranger.Connect(described.Ufrag, described.Password, [JitsiMesh.Ice.Candidate.CreateHost(call.Port.Local)], [], call.Network.Now);
        while (stranger.TryDequeueTransmit(out var check)) call.Shard.HandleDatagram(check.Bytes.ToArray(), call.Port.Local, check.Source, call.Network.Now);
        byte[] hello = [22, 254, 253, .. new byte[1500]];
        for (var i = 0; i < 1000; i++) call.Shard.HandleDatagram((byte[])hello.Clone(), call.Port.Local, TransportAddress.FromIPv4(0x0A000099, 5000), call.Network.Now);
        Assert.Equal(1000 - PeerTransportLimits.MaxEarlyDtls, call["cccc0003"].Transport.Counters[PeerDrop.EarlyDtlsFull]);
        AssertHears(call, b, 1);
    }

    [Fact]
    public async Task Messages_for_a_socket_that_takes_none_are_kept_up_to_their_limit()
    {
        using var call = Call(out _, out var b);
        using var stuck = new StuckSocket();
        var socket = new ChannelSocket(stuck);
        using var ended = new CancellationTokenSource();
        var running = socket.RunAsync(_ => Task.CompletedTask, _ => Task.CompletedTask, ended.Token);
        for (var i = 0; i < 10_000; i++) socket.Send(new byte[1000]);
        Assert.InRange(socket.Queued, 1, ChannelLimits.MaxQueuedMessages);
        await ended.CancelAsync();
        await running;
        AssertHears(call, b, 1);
    }

    [Fact]
    public void Kinds_of_sources_that_are_not_there_are_remembered_up_to_their_limit_and_length()
    {
        using var call = Call(out var a, out var b);
        var endpoint = call[a.Id];
        for (var i = 0; i < 1000; i++)
        {
            Say($"{a.Id}-v{i}");
            call.Run(0.06);
        }

        Assert.Equal(EndpointLimits.MaxSources, endpoint.KeptVideoTypes);
        var before = endpoint.Counters.Rejected(ChannelRejection.TooLong);
        Say(new string('v', ChannelLimits.MaxNameLength + 1));
        Assert.Equal(before + 1, endpoint.Counters.Rejected(ChannelRejection.TooLong));
        AssertHears(call, b, 1);

        void Say(string name) => call.Shard.Run(
            endpoint,
            ShardFault.Channel,
            () => endpoint.Channel.OnMessage(System.Text.Encoding.UTF8.GetBytes($$"""{"colibriClass":"SourceVideoTypeMessage","sourceName":"{{name}}","videoType":"desktop"}"""), overData: false, call.Network.Now),
            call.Network.Now);
    }

    [Fact]
    public void Names_in_a_layout_are_kept_up_to_their_number_and_length()
    {
        var names = string.Join(',', Enumerable.Range(0, 3000).Select(i => $"\"{i}\"").Append($"\"{new string('x', 300)}\""));
        Assert.True(ChannelMessageReader.TryRead(System.Text.Encoding.UTF8.GetBytes($$"""{"colibriClass":"ReceiverVideoConstraints","selectedSources":[{{names}}]}"""), out var message, out _));
        Assert.Equal(ChannelLimits.MaxListedSources, ((ReceiverVideoConstraints)message!).SelectedSources!.Count);
        Assert.True(ChannelMessageReader.TryRead(
            System.Text.Encoding.UTF8.GetBytes($$$$"""{"colibriClass":"ReceiverVideoConstraints","onStageSources":["{{{{new string('x', 300)}}}}","y"],"constraints":{"{{{{new string('x', 300)}}}}":{"maxHeight":1},"y":{"maxHeight":2}}}"""), out message, out _));
        var constraints = (ReceiverVideoConstraints)message!;
        Assert.Equal(["y"], constraints.OnStageSources!);
        Assert.Equal(["y"], constraints.Constraints!.Keys);
    }

    [Fact]
    public void Sources_and_streams_of_one_endpoint_end_at_their_limits()
    {
        using var call = Call(out var a, out var b, rewriting: false);
        uint ssrc = 100_000;
        for (var round = 0; round < 100; round++)
        {
            var sources = new Sources();
            sources.Sources_.Add(new Source { Name = $"{a.Id}-a0", Type = MediaType.Audio, Ssrcs = { a.AudioSsrc } });
            for (var i = 1; i < EndpointLimits.MaxSources; i++) sources.Sources_.Add(new Source { Name = $"{a.Id}-a{i}", Type = MediaType.Audio, Ssrcs = { ssrc++ } });
            call.Modify(BridgeCall.Request(r => r.Endpoints.Add(new EndpointChange { Id = a.Id, Sources = sources })));
        }

        Assert.Equal(EndpointLimits.MaxSources, call[a.Id].AudioSources.Count);
        Assert.Equal(EndpointLimits.MaxSources, call[b.Id].AudioSubscriptions.Count);
        Assert.InRange(call[b.Id].KeptStreams, 1, EndpointLimits.MaxKeptStreams);
        AssertHears(call, b, 1);
    }

    [Fact]
    public void A_full_conference_and_a_full_bridge_refuse_the_next_as_overloaded()
    {
        using var call = Call(out _, out var b);
        var request = BridgeCall.Request(_ => { });
        for (var i = 0; i < ConferenceLimits.MaxEndpoints - 1; i++) request.Endpoints.Add(BridgeCall.Create(A with { Id = $"e{i}" }, false, true));
        var (_, failure) = ConferenceModifier.Modify(call.Shard, request, false, call.Network.Now);
        Assert.Equal(("overloaded", $"e{ConferenceLimits.MaxEndpoints - 2}"), (failure!.Reason, failure.Endpoint));
        Assert.Equal(2, call.Conference.Endpoints.Count);
        AssertHears(call, b, 1);
        for (var i = 1; i < ConferenceLimits.MaxConferences; i++) call.Modify(BridgeCall.Request(r => r.Create = true, $"meeting {i}"));
        (_, failure) = ConferenceModifier.Modify(call.Shard, BridgeCall.Request(r => r.Create = true, "one more"), false, call.Network.Now);
        Assert.Equal("overloaded", failure!.Reason);
    }

    private static BridgeCall Call(out HeadlessEndpoint a, out HeadlessEndpoint b, bool rewriting = true)
    {
        var call = new BridgeCall(1);
        var (first, second) = (call.Join(A, rewriting), call.Join(B, rewriting));
        call.Until(() => first.IsConnected && second.IsConnected && second.Streams.Values.Any(s => s.Packets > 5));
        (a, b) = (first, second);
        return call;
    }

    private static void AssertHears(BridgeCall call, HeadlessEndpoint listener, double seconds)
    {
        var before = listener.Streams.Values.Sum(s => s.Packets);
        call.Run(seconds);
        Assert.InRange(listener.Streams.Values.Sum(s => s.Packets) - before, (50 * seconds) - 5, (50 * seconds) + 5);
        Assert.Equal(0, listener.Streams.Values.Sum(s => s.Lost));
    }

    /// <summary>A WebSocket whose client reads nothing and says nothing.</summary>
    private sealed class StuckSocket : System.Net.WebSockets.WebSocket
    {
        public override System.Net.WebSockets.WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override System.Net.WebSockets.WebSocketState State => System.Net.WebSockets.WebSocketState.Open;

        public override string? SubProtocol => null;

        public override void Abort()
        {
        }

        public override Task CloseAsync(System.Net.WebSockets.WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Dispose()
        {
        }

        public override async Task<System.Net.WebSockets.WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new OperationCanceledException(cancellationToken);
        }

        public override Task SendAsync(ArraySegment<byte> buffer, System.Net.WebSockets.WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
