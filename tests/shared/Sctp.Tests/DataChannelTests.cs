using JitsiMesh.Sctp.DataChannels;

namespace JitsiMesh.Sctp.Tests;

public sealed class DataChannelTests
{
    [Fact]
    public void The_bridge_channel_opens_with_label_and_protocol_and_carries_text_both_ways()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        Assert.Equal(0, id);
        Assert.Contains(new ChannelOpened(0, "JVB data channel", "http://jitsi.org/protocols/colibri", OpenedByPeer: true), pair.ServerEvents);
        Assert.Contains(new ChannelOpened(0, "JVB data channel", "http://jitsi.org/protocols/colibri", OpenedByPeer: false), pair.ClientEvents);

        pair.Client.SendMessage(id, "{\"colibriClass\":\"ClientHello\"}"u8, isText: true, pair.Now);
        pair.Server.SendMessage(id, [0, 1, 2], isText: false, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        var atServer = Assert.Single(pair.ServerEvents.OfType<ChannelMessage>());
        Assert.True(atServer.IsText);
        Assert.Equal("{\"colibriClass\":\"ClientHello\"}"u8.ToArray(), atServer.Data.ToArray());
        var atClient = Assert.Single(pair.ClientEvents.OfType<ChannelMessage>());
        Assert.False(atClient.IsText);
        Assert.Equal([0, 1, 2], atClient.Data.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_empty_message_arrives_empty(bool isText)
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        pair.Client.SendMessage(id, [], isText, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        var message = Assert.Single(pair.ServerEvents.OfType<ChannelMessage>());
        Assert.Equal(isText, message.IsText);
        Assert.True(message.Data.IsEmpty);
    }

    [Fact]
    public void A_channel_opened_before_the_association_opens_with_it()
    {
        var pair = new SctpPair();
        var id = pair.Client.OpenChannel(new DataChannelOptions { Label = "early" }, pair.Now);
        Assert.True(pair.Client.SendMessage(id, "first"u8, true, pair.Now));
        pair.Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Contains(new ChannelOpened(id, "early", "", OpenedByPeer: true), pair.ServerEvents);
        Assert.Single(SctpPair.Messages(pair.ServerEvents));
    }

    [Fact]
    public void The_server_opens_odd_streams()
    {
        var pair = new SctpPair().Connect();
        Assert.Equal(1, pair.Server.OpenChannel(new DataChannelOptions { Label = "default" }, pair.Now));
        Assert.Equal(3, pair.Server.OpenChannel(new DataChannelOptions { Label = "second" }, pair.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Contains(new ChannelOpened(1, "default", "", OpenedByPeer: true), pair.ClientEvents);
    }

    [Fact]
    public void A_channel_beyond_the_limit_is_refused_by_resetting_its_stream()
    {
        var pair = new SctpPair(server: new() { IsServer = true, MaxChannels = 1 }).Connect();
        var first = pair.Open();
        var second = pair.Client.OpenChannel(new DataChannelOptions { Label = "too much" }, pair.Now);
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Contains(new ChannelClosed(second), pair.ClientEvents);
        Assert.DoesNotContain(pair.ClientEvents, e => e is ChannelOpened opened && opened.Id == second);
        Assert.Equal(1, pair.Server.Counters[SctpDrop.ChannelRefused]);
        Assert.True(pair.Client.SendMessage(first, "still here"u8, true, pair.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Single(SctpPair.Messages(pair.ServerEvents));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    public void Closing_delivers_what_was_sent_closes_both_ends_and_frees_the_number(double loss)
    {
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var pair = new SctpPair(seed) { Loss = loss, JitterMilliseconds = 50 }.Connect();
            var id = pair.Open();
            for (var round = 0; round < 3; round++)
            {
                for (var i = 0; i < 20; i++) Assert.True(pair.Client.SendMessage(id, new byte[2000], false, pair.Now));
                pair.Client.CloseChannel(id, pair.Now);
                Assert.False(pair.Client.SendMessage(id, [1], false, pair.Now));
                pair.Run(TimeSpan.FromSeconds(120), () => pair.ClientEvents.Contains(new ChannelClosed(id)) && pair.ServerEvents.Contains(new ChannelClosed(id)));
                Assert.True(pair.ServerEvents.Count(e => e == new ChannelClosed(id)) == 1, pair.Describe());
                Assert.True(pair.ClientEvents.Count(e => e == new ChannelClosed(id)) == 1, pair.Describe());
                Assert.Equal(20, SctpPair.Messages(pair.ServerEvents).Count);
                pair.Run(TimeSpan.FromSeconds(60));
                pair.ClientEvents.Clear();
                pair.ServerEvents.Clear();
                Assert.Equal(id, pair.Open());
            }
        }
    }

    [Fact]
    public void Both_ends_that_close_at_once_each_hear_of_it_once()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        pair.Client.CloseChannel(id, pair.Now);
        pair.Server.CloseChannel(id, pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Single(pair.ClientEvents, e => e is ChannelClosed);
        Assert.Single(pair.ServerEvents, e => e is ChannelClosed);
        pair.ClientEvents.Clear();
        Assert.Equal(id, pair.Open());
    }

    [Fact]
    public void OpenChannel_LabelTooLongOrLimitReached_GivesMinusOne()
    {
        var pair = new SctpPair(client: new() { MaxChannels = 2 });
        Assert.Equal(-1, pair.Client.OpenChannel(new DataChannelOptions { Label = new string('x', 1025) }, pair.Now));
        Assert.Equal(0, pair.Client.OpenChannel(new DataChannelOptions(), pair.Now));
        Assert.Equal(2, pair.Client.OpenChannel(new DataChannelOptions(), pair.Now));
        Assert.Equal(-1, pair.Client.OpenChannel(new DataChannelOptions(), pair.Now));
    }
}
