using System.Text;
using JitsiMesh.Headless.Media;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

public sealed class ChannelScenarios
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30 };
    private static readonly HeadlessEndpointOptions B = new() { Id = "bbbb0002", AudioLevel = 90, UsesDataChannel = false };

    [Fact]
    public void A_socket_gets_the_state_in_order_and_a_second_one_replaces_it()
    {
        using var call = new BridgeCall(1);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected);
        var first = new FakeConnection();
        call["bbbb0002"].Channel.OnSocketOpened(first, call.Network.Now);
        Assert.Equal(["ServerHello", "ForwardedSources", "VideoSourcesMap", "AudioSourcesMap"], Classes(first).Take(4));
        Tell(call, """{"colibriClass":"ReceiverVideoConstraints","defaultConstraints":{"maxHeight":180}}""");
        call.Run(2);
        Assert.Contains("VideoSourcesMap", Classes(first).Skip(4));

        var second = new FakeConnection();
        call["bbbb0002"].Channel.OnSocketOpened(second, call.Network.Now);
        Assert.Equal(1000, first.ClosedWith);
        Assert.Contains(second.Messages, m => m.Contains("VideoSourcesMap", StringComparison.Ordinal) && m.Contains("aaaa0001-v0", StringComparison.Ordinal));
        Assert.Contains(second.Messages, m => m.Contains("AudioSourcesMap", StringComparison.Ordinal) && m.Contains("aaaa0001-a0", StringComparison.Ordinal));
        Assert.Contains(second.Messages, m => m == """{"colibriClass":"ForwardedSources","forwardedSources":["aaaa0001-v0"]}""");
        call.Leave(b);
        Assert.Equal(1001, second.ClosedWith);
    }

    [Fact]
    public void Texts_go_to_whom_they_are_meant_for_with_the_true_sender()
    {
        using var call = new BridgeCall(2);
        var (a, b, c) = (call.Join(A), call.Join(B), call.Join(B with { Id = "cccc0003" }));
        call.Until(() => a.IsChannelOpen && a.Channel.SawServerHello);
        var (toB, toC) = (new FakeConnection(), new FakeConnection());
        call["bbbb0002"].Channel.OnSocketOpened(toB, call.Network.Now);
        call["cccc0003"].Channel.OnSocketOpened(toC, call.Network.Now);

        call.Say(a, """{"colibriClass":"EndpointMessage","to":"bbbb0002","from":"mallory","msgPayload":{"t":1}}""");
        call.Run(0.2);
        Assert.Contains(toB.Messages, m => m.Contains("\"from\":\"aaaa0001\"", StringComparison.Ordinal) && m.Contains("\"t\":1", StringComparison.Ordinal));
        Assert.DoesNotContain(toC.Messages, m => m.Contains("EndpointMessage", StringComparison.Ordinal));

        Tell(call, """{"colibriClass":"EndpointMessage","to":"","msgPayload":{"t":2}}""");
        call.Run(0.2);
        Assert.Contains(a.Channel.Messages, m => m.Contains("\"from\":\"bbbb0002\"", StringComparison.Ordinal));
        Assert.Contains(toC.Messages, m => m.Contains("\"from\":\"bbbb0002\"", StringComparison.Ordinal));
        Assert.DoesNotContain(toB.Messages, m => m.Contains("\"t\":2", StringComparison.Ordinal));
    }

    [Fact]
    public void Rubbish_is_counted_and_the_channel_stays()
    {
        using var call = new BridgeCall(3);
        var a = call.Join(A);
        call.Until(() => a.IsChannelOpen && a.Channel.SawServerHello);
        foreach (var json in new[] { "{", "[]", """{"colibriClass":"Nope"}""" }) call.Say(a, json);
        call.Run(0.2);
        Assert.Equal(3, call["aaaa0001"].Counters.ChannelMessagesRejected);
        call.Say(a, """{"colibriClass":"ClientHello"}""");
        call.Run(0.2);
        Assert.Equal(2, a.Channel.Messages.Count(m => m.Contains("ServerHello", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_microphone_can_be_unsubscribed_from()
    {
        using var call = new BridgeCall(4);
        var (a, b) = (call.Join(A), call.Join(A with { Id = "bbbb0002", SendsVideo = false }));
        call.Until(() => b.Streams.Values.Any(s => !s.IsVideo && s.Packets > 20));
        call.Say(b, """{"colibriClass":"ReceiverAudioSubscription","all":true,"include":[],"exclude":["aaaa0001-a0"]}""");
        call.Run(0.2);
        var before = b.Streams.Values.Single(s => !s.IsVideo).Packets;
        call.Run(1);
        Assert.Equal(before, b.Streams.Values.Single(s => !s.IsVideo).Packets);
        call.Say(b, """{"colibriClass":"ReceiverAudioSubscription","all":true,"include":[],"exclude":[]}""");
        call.Run(1);
        Assert.True(b.Streams.Values.Single(s => !s.IsVideo).Packets > before + 30);
    }

    private static void Tell(BridgeCall call, string json) =>
        call["bbbb0002"].Channel.OnMessage(Encoding.UTF8.GetBytes(json), overData: false, call.Network.Now);

    private static IEnumerable<string> Classes(FakeConnection connection) => connection.Messages.Select(m => m.Split('"')[3]);
}
