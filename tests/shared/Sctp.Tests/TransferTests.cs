using JitsiMesh.Primitives;
using JitsiMesh.Sctp.DataChannels;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests;

public sealed class TransferTests
{
    private static byte[] Bytes(int length, ulong seed)
    {
        var bytes = new byte[length];
        new SeededRandomSource(seed).Fill(bytes);
        return bytes;
    }

    [Theory]
    [InlineData(0.0, 0.0, 0)]
    [InlineData(0.05, 0.05, 30)]
    [InlineData(0.20, 0.10, 100)]
    public void Messages_of_a_hundred_kibibytes_arrive_whole_and_in_order(double loss, double duplication, int jitter)
    {
        for (var seed = 1UL; seed <= 5; seed++)
        {
            var pair = new SctpPair(seed) { Loss = loss, Duplication = duplication, JitterMilliseconds = jitter }.Connect();
            var id = pair.Open();
            var messages = Enumerable.Range(0, 5).Select(i => Bytes(100 * 1024 + i, seed + (ulong)i)).ToArray();
            foreach (var message in messages) Assert.True(pair.Client.SendMessage(id, message, false, pair.Now));
            pair.Run(TimeSpan.FromSeconds(300), () => SctpPair.Count(pair.ServerEvents) == messages.Length);
            var received = SctpPair.Messages(pair.ServerEvents);
            Assert.True(received.Count == messages.Length, $"{received.Count} of {messages.Length}, seed {seed}");
            for (var i = 0; i < messages.Length; i++) Assert.True(messages[i].AsSpan().SequenceEqual(received[i]), $"message {i}, seed {seed}");
            Assert.InRange(pair.MaxPacketSeen, 1000, SctpLimits.MaxPacket);
            pair.Run(TimeSpan.FromSeconds(30), () => pair.Client.BufferedBytes == 0);
            Assert.Equal(0, pair.Client.BufferedBytes);
        }
    }

    [Fact]
    public void Both_directions_at_once_and_several_channels_keep_their_order()
    {
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var pair = new SctpPair(seed) { Loss = 0.1, JitterMilliseconds = 60 }.Connect();
            int[] ids = [pair.Open(), pair.Open(), pair.Open()];
            for (var i = 0; i < 100; i++)
            {
                foreach (var id in ids)
                {
                    Assert.True(pair.Client.SendMessage(id, BitConverter.GetBytes(i), false, pair.Now));
                    Assert.True(pair.Server.SendMessage(id, BitConverter.GetBytes(i), true, pair.Now));
                }

                pair.Run(TimeSpan.FromMilliseconds(10));
            }

            pair.Run(TimeSpan.FromSeconds(120), () => SctpPair.Count(pair.ServerEvents) == 300 && SctpPair.Count(pair.ClientEvents) == 300);
            foreach (var id in ids)
            {
                Assert.Equal(Enumerable.Range(0, 100), SctpPair.Messages(pair.ServerEvents, id).Select(m => BitConverter.ToInt32(m)));
                Assert.Equal(Enumerable.Range(0, 100), SctpPair.Messages(pair.ClientEvents, id).Select(m => BitConverter.ToInt32(m)));
            }
        }
    }

    [Fact]
    public void Unordered_messages_do_not_wait_for_a_lost_one()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open(new DataChannelOptions { Label = "u", Ordered = false });
        var dropped = false;
        pair.Tamper = (toServer, packet) =>
        {
            if (!toServer || packet[12] != (byte)ChunkType.Data || dropped) return [packet];
            dropped = true;
            return [];
        };
        pair.Client.SendMessage(id, [1], false, pair.Now);
        pair.Client.SendMessage(id, [2], false, pair.Now);
        pair.Client.SendMessage(id, [3], false, pair.Now);
        pair.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal([[2], [3]], SctpPair.Messages(pair.ServerEvents));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.Equal([[2], [3], [1]], SctpPair.Messages(pair.ServerEvents));
    }

    [Fact]
    public void Three_reports_of_a_gap_bring_a_chunk_again_before_any_timeout()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        var dropped = false;
        pair.Tamper = (toServer, packet) =>
        {
            if (!toServer || packet[12] != (byte)ChunkType.Data || dropped) return [packet];
            dropped = true;
            return [];
        };
        var windowBefore = pair.Client.Congestion!.Window;
        for (var i = 0; i < 6; i++) pair.Client.SendMessage(id, Bytes(1000, 1), false, pair.Now);
        pair.Run(TimeSpan.FromMilliseconds(150));
        Assert.Equal(6, SctpPair.Messages(pair.ServerEvents).Count);
        Assert.Equal(1, pair.Client.Counters.FastRetransmissions);
        Assert.Equal(0, pair.Client.Counters.RetransmissionTimeouts);
        Assert.Equal(windowBefore / 2, pair.Client.Congestion!.Window);
    }

    [Fact]
    public void A_timeout_shrinks_the_window_to_one_packet_and_backs_off()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        pair.Loss = 1;
        pair.Client.SendMessage(id, Bytes(5000, 1), false, pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(SctpLimits.MaxPacket, pair.Client.Congestion!.Window);
        Assert.InRange(pair.Client.Counters.RetransmissionTimeouts, 4, 6);
        pair.Loss = 0;
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Single(SctpPair.Messages(pair.ServerEvents));
    }

    [Fact]
    public void A_receiver_that_does_not_read_stops_the_sender_and_starts_it_again()
    {
        var pair = new SctpPair(server: new() { IsServer = true, ReceiveWindow = 64 * 1024 }).Connect();
        var id = pair.Open();
        pair.TakeEvents = false;
        for (var i = 0; i < 40; i++) Assert.True(pair.Client.SendMessage(id, Bytes(10_000, (ulong)i), false, pair.Now));
        pair.Run(TimeSpan.FromSeconds(30));
        Assert.True(pair.Client.BufferedBytes > 300_000, $"{pair.Client.BufferedBytes}");
        pair.TakeEvents = true;
        pair.Run(TimeSpan.FromSeconds(60), () => SctpPair.Count(pair.ServerEvents) == 40);
        var received = SctpPair.Messages(pair.ServerEvents);
        Assert.Equal(40, received.Count);
        for (var i = 0; i < 40; i++) Assert.Equal(Bytes(10_000, (ulong)i), received[i]);
    }

    [Fact]
    public void SendMessage_BufferFullOrTooLongOrUnknownChannel_SaysFalse()
    {
        var pair = new SctpPair(client: new() { SendBuffer = 100_000, MaxMessageSize = 60_000 }).Connect();
        var id = pair.Open();
        Assert.False(pair.Client.SendMessage(id, new byte[60_001], false, pair.Now));
        Assert.False(pair.Client.SendMessage(id + 2, [1], false, pair.Now));
        Assert.True(pair.Client.SendMessage(id, new byte[60_000], false, pair.Now));
        Assert.False(pair.Client.SendMessage(id, new byte[60_000], false, pair.Now));
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.True(pair.Client.SendMessage(id, new byte[60_000], false, pair.Now));
    }

    [Fact]
    public void Sequence_numbers_that_wrap_round_lose_nothing()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        var count = 70_000; // stream sequence numbers have 16 bits
        var sent = 0;
        var seen = 0;
        while (seen < count && pair.Now < MonotonicTime.FromSeconds(3000))
        {
            while (sent < count && sent - seen < 2000 && pair.Client.SendMessage(id, BitConverter.GetBytes(sent), false, pair.Now)) sent++;
            pair.Run(TimeSpan.FromMilliseconds(20));
            foreach (var message in SctpPair.Messages(pair.ServerEvents)) Assert.Equal(seen++, BitConverter.ToInt32(message));
            pair.ServerEvents.Clear();
        }

        Assert.Equal(count, seen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void With_no_retransmissions_allowed_lost_messages_are_given_up_and_the_rest_flows(bool ordered)
    {
        for (var seed = 1UL; seed <= 10; seed++)
        {
            var pair = new SctpPair(seed) { JitterMilliseconds = 10 }.Connect();
            var id = pair.Open(new DataChannelOptions { Label = "p", Ordered = ordered, MaxRetransmits = 0 });
            pair.Loss = 0.15;
            for (var i = 0; i < 200; i++)
            {
                pair.Client.SendMessage(id, Bytes(i % 7 == 0 ? 3000 : 100, (ulong)i), false, pair.Now);
                pair.Run(TimeSpan.FromMilliseconds(20));
            }

            pair.Loss = 0;
            pair.Run(TimeSpan.FromSeconds(30));
            Assert.True(pair.Client.SendMessage(id, "last"u8, false, pair.Now));
            pair.Run(TimeSpan.FromSeconds(5));
            var received = SctpPair.Messages(pair.ServerEvents);
            Assert.Equal("last"u8.ToArray(), received[^1]);
            Assert.InRange(received.Count, 120, 200);
            Assert.True(pair.Client.Counters.MessagesAbandoned > 0, pair.Describe());
            Assert.Equal(0, pair.Client.BufferedBytes);
            if (!ordered) continue;
            var expected = Enumerable.Range(0, 200).Select(i => Convert.ToHexString(Bytes(i % 7 == 0 ? 3000 : 100, (ulong)i))).ToList();
            var positions = received[..^1].Select(m => expected.IndexOf(Convert.ToHexString(m))).ToList();
            Assert.Equal(positions.Order(), positions);
        }
    }

    [Fact]
    public void A_message_older_than_its_lifetime_is_given_up()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open(new DataChannelOptions { Label = "t", MaxLifetime = TimeSpan.FromMilliseconds(300) });
        pair.Loss = 1;
        pair.Client.SendMessage(id, "old news"u8, true, pair.Now);
        pair.Run(TimeSpan.FromSeconds(2));
        pair.Loss = 0;
        pair.Client.SendMessage(id, "news"u8, true, pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Equal("news"u8.ToArray(), Assert.Single(SctpPair.Messages(pair.ServerEvents)));
        Assert.Equal(0, pair.Client.BufferedBytes);
    }
}
