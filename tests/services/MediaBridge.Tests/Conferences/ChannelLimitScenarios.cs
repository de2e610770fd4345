using System.Globalization;
using System.Text;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>Clients that say too much on their bridge channels, and one that says a lot and may.</summary>
public sealed class ChannelLimitScenarios
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30 };
    private static readonly HeadlessEndpointOptions B = new() { Id = "bbbb0002", AudioLevel = 90, UsesDataChannel = false };
    private static readonly HeadlessEndpointOptions Silent = new() { UsesDataChannel = false, SendsAudio = false, SendsVideo = false };

    [Fact]
    public void A_flood_of_messages_reaches_the_others_at_the_rate_that_is_allowed_and_is_counted()
    {
        using var call = new BridgeCall(1);
        var (_, others) = Audience(call, 3);
        for (var i = 0; i < 20_000; i++)
        {
            Tell(call, """{"colibriClass":"EndpointMessage","to":"","msgPayload":{}}""");
            if (i % 20 == 19) call.Run(0.01);
        }

        call.Run(1);
        var most = ChannelLimits.MessageBurst + (11 * ChannelLimits.MessagesPerSecond);
        Assert.All(others, o => Assert.InRange(Count(o, "EndpointMessage"), 1000, most));
        var counters = call["bbbb0002"].Counters;
        Assert.Equal(20_000, counters.Rejected(ChannelRejection.TooOften) + Count(others[0], "EndpointMessage"));
        Assert.Equal(("bbbb0002", ChannelRejection.TooOften), Assert.Single(call.Limited));
        Assert.Equal(counters.Rejected(ChannelRejection.TooOften), call.Shard.Drops.Published.Single(d => d.Reason == "channel_too_often").Count);
    }

    [Theory]
    [InlineData("EndpointMessage")]
    [InlineData("EndpointStats")]
    public void What_one_client_makes_the_bridge_send_to_all_is_bounded(string kind)
    {
        using var call = new BridgeCall(2);
        var (_, others) = Audience(call, 6);
        var message = $$$"""{"colibriClass":"{{{kind}}}","to":"","msgPayload":{"note":"{{{new string('x', 50_000)}}}"}}""";
        for (var i = 0; i < 400; i++)
        {
            Tell(call, message);
            call.Run(0.05);
        }

        var sent = others.Sum(o => o.Messages.Where(m => m.Contains(kind, StringComparison.Ordinal)).Sum(m => (double)m.Length));
        Assert.InRange(sent, ChannelLimits.ForwardedBurstBytes, ChannelLimits.ForwardedBurstBytes + (21 * ChannelLimits.ForwardedBytesPerSecond));
        Assert.True(call["bbbb0002"].Counters.Rejected(ChannelRejection.TooMuch) > 100);
        Assert.Single(call.Limited);
    }

    [Fact]
    public void One_message_to_a_room_that_costs_more_than_the_whole_burst_still_goes()
    {
        var bucket = new TokenBucket(100, 1000);
        var now = Primitives.MonotonicTime.FromSeconds(5);
        Assert.True(bucket.TryTake(5000, now));
        Assert.False(bucket.TryTake(1, now + TimeSpan.FromSeconds(39)));
        Assert.True(bucket.TryTake(1, now + TimeSpan.FromSeconds(41)));
    }

    [Fact]
    public void The_liveliest_client_meets_no_limit()
    {
        using var call = new BridgeCall(3);
        var (_, others) = Audience(call, 3);
        for (var i = 0; i < 1500; i++)
        {
            // A pointer that moves with each of 150 frames a second, a filmstrip that is scrolled, statistics and a reaction.
            Tell(call, """{"colibriClass":"EndpointMessage","to":"cccc0000","msgPayload":{"name":"remote-control","type":"mousemove","x":0.51,"y":0.33}}""");
            if (i % 15 == 0) Tell(call, """{"colibriClass":"ReceiverVideoConstraints","lastN":-1,"selectedSources":["aaaa0001-v0"],"defaultConstraints":{"maxHeight":180}}""");
            if (i % 75 == 0) Tell(call, """{"colibriClass":"EndpointMessage","to":"","msgPayload":{"name":"endpoint-reaction","reactions":["like","like"]}}""");
            if (i % 1500 == 0) Tell(call, $$"""{"colibriClass":"EndpointStats","bitrate":{"upload":100},"more":"{{new string('x', 1500)}}"}""");
            call.Run(1 / 150.0);
        }

        Assert.Equal(0, call["bbbb0002"].Counters.ChannelMessagesRejected);
        Assert.Equal(1520, Count(others[0], "EndpointMessage"));
        Assert.Empty(call.Limited);
    }

    [Fact]
    public void The_last_layout_of_a_flood_counts_with_all_that_the_dropped_ones_said()
    {
        using var call = new BridgeCall(4);
        var (a, b) = (call.Join(A), call.Join(B));
        Open(call, "bbbb0002");
        Tell(call, """{"colibriClass":"ReceiverVideoConstraints","defaultConstraints":{"maxHeight":720}}""");
        call.Until(() => a.IsConnected && b.Streams.Values.Any(s => s.IsVideo && s.DecodableFrames > 5));
        var before = call["bbbb0002"].Allocation.Runs;
        for (var i = 0; i < 3000; i++) Tell(call, $$$"""{"colibriClass":"ReceiverVideoConstraints","defaultConstraints":{"maxHeight":{{{(i % 2 == 0 ? 720 : 360)}}}}}""");
        Tell(call, """{"colibriClass":"ReceiverVideoConstraints","assumedBandwidthBps":12345}""");
        Tell(call, """{"colibriClass":"LastNChangedEvent","lastN":7}""");
        Tell(call, """{"colibriClass":"ReceiverVideoConstraints","defaultConstraints":{"maxHeight":180}}""");
        Assert.InRange(call["bbbb0002"].Allocation.Runs - before, 1, ChannelLimits.WishBurst + 1);

        call.Until(() => a.Channel.SenderConstraints["aaaa0001-v0"] == 180, 1);
        var settings = call["bbbb0002"].Allocation.Settings;
        Assert.Equal((7, 12345, 180), (settings.LastN, settings.AssumedBandwidthBps, settings.DefaultConstraints.MaxHeight));
        Assert.Equal(0, call["bbbb0002"].Counters.Rejected(ChannelRejection.TooOften));
        call.Until(() => b.Streams.Values.Any(s => s.IsVideo && s.Size == (320, 180)), 3);
    }

    [Fact]
    public void The_last_word_on_microphones_and_on_the_kind_of_a_source_counts()
    {
        using var call = new BridgeCall(5);
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected);
        Open(call, "bbbb0002");
        for (var i = 0; i < 1000; i++)
        {
            Tell(call, $$"""{"colibriClass":"ReceiverAudioSubscription","all":true,"include":[],"exclude":["x{{i}}"]}""");
            Tell(call, $$"""{"colibriClass":"SourceVideoTypeMessage","sourceName":"bbbb0002-v0","videoType":"{{(i % 2 == 0 ? "desktop" : "camera")}}"}""");
        }

        Tell(call, """{"colibriClass":"ReceiverAudioSubscription","all":true,"include":[],"exclude":["aaaa0001-a0"]}""");
        Tell(call, """{"colibriClass":"SourceVideoTypeMessage","sourceName":"bbbb0002-v0","videoType":"none"}""");
        call.Run(1);
        Assert.False(call["bbbb0002"].WantsAudio("aaaa0001-a0"));
        Assert.Equal(VideoType.None, call["bbbb0002"].VideoSources[0].VideoType);
        Assert.False(call["bbbb0002"].Channel.Gate.HasKept);
    }

    [Fact]
    public void Long_wishes_beyond_the_rate_of_messages_are_dropped_unread()
    {
        using var call = new BridgeCall(6);
        Audience(call, 1);
        var message = $$"""{"colibriClass":"ReceiverVideoConstraints","more":"{{new string('x', 60_000)}}"}""";
        for (var i = 0; i < 100; i++) Tell(call, message);
        var taken = ChannelLimits.MessageBurst / (1 + (message.Length / ChannelLimits.BytesPerMessage));
        Assert.InRange(call["bbbb0002"].Counters.Rejected(ChannelRejection.TooOften), 100 - taken - 2, 100 - taken + 2);
    }

    [Fact]
    public void What_is_read_of_one_client_is_bounded_whatever_it_says()
    {
        using var call = new BridgeCall(7);
        Audience(call, 1);
        const string Message = """{"colibriClass":"ReceiverVideoConstraints","lastN":3}""";
        const int Told = 50_000;
        for (var i = 0; i < Told; i++) Tell(call, Message);
        var read = ChannelLimits.ReadBurstBytes / (Message.Length + ChannelLimits.ReadOverhead);
        Assert.InRange(call["bbbb0002"].Counters.Rejected(ChannelRejection.TooOften), Told - read - 10, Told - read + 10);
        call.Run(2);
        Tell(call, """{"colibriClass":"LastNChangedEvent","lastN":7}""");
        Assert.Equal(7, call["bbbb0002"].Allocation.Settings.LastN);
    }

    [Fact]
    public void Channels_that_are_opened_again_and_again_get_the_state_once_a_second_and_the_last_one_gets_it()
    {
        using var call = new BridgeCall(8);
        Audience(call, 1);
        call.Run(5);
        var sockets = Enumerable.Range(0, 20).Select(_ => Open(call, "bbbb0002")).ToArray();
        Assert.Equal(ChannelLimits.ReplayBurst, sockets.Count(s => Count(s, "AudioSourcesMap") > 0));
        Assert.Equal(1, Count(sockets[0], "AudioSourcesMap"));
        call.Run(1.5);
        Assert.Equal(1, Count(sockets[^1], "AudioSourcesMap"));
        call.Run(5);
        Assert.Equal(ChannelLimits.ReplayBurst + 1, sockets.Count(s => Count(s, "AudioSourcesMap") > 0));
    }

    [Theory]
    [InlineData("""{"colibriClass":"ReceiverVideoConstraints"}""", true)]
    [InlineData("""{"lastN":{"x":[1,2]},"colibriClass":"LastNChangedEvent","lastN":3}""", true)]
    [InlineData("""{"colibriClass":"EndpointMessage","msgPayload":{"colibriClass":"LastNChangedEvent"}}""", false)]
    [InlineData("""{"colibriClass":7}""", false)]
    [InlineData("""{"colibriClass":""", false)]
    [InlineData("[]", false)]
    [InlineData("", false)]
    public void A_wish_is_known_by_its_class(string json, bool isWish) => Assert.Equal(isWish, ChannelMessageReader.IsWish(Encoding.UTF8.GetBytes(json)));

    /// <summary>The talker bbbb0002 and so many others with a channel.</summary>
    private static (HeadlessEndpoint Talker, FakeConnection[] Others) Audience(BridgeCall call, int others)
    {
        var talker = call.Join(Silent with { Id = "bbbb0002" });
        var ids = Enumerable.Range(0, others).Select(i => "cccc" + i.ToString("0000", CultureInfo.InvariantCulture)).ToArray();
        foreach (var id in ids) call.Join(Silent with { Id = id });
        Open(call, "bbbb0002");
        return (talker, [.. ids.Select(id => Open(call, id))]);
    }

    private static FakeConnection Open(BridgeCall call, string id)
    {
        var connection = new FakeConnection();
        call[id].Channel.OnSocketOpened(connection, call.Network.Now);
        return connection;
    }

    private static int Count(FakeConnection connection, string kind) => connection.Messages.Count(m => m.Contains(kind, StringComparison.Ordinal));

    private static void Tell(BridgeCall call, string json) =>
        call["bbbb0002"].Channel.OnMessage(Encoding.UTF8.GetBytes(json), overData: false, call.Network.Now);
}
