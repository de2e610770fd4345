using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests;

public sealed class AssociationTests
{
    [Fact]
    public void The_four_way_handshake_takes_two_round_trips_and_four_packets()
    {
        var pair = new SctpPair();
        var types = new List<byte>();
        pair.Tamper = (_, packet) =>
        {
            types.Add(packet[12]);
            return [packet];
        };
        var start = pair.Now;
        pair.Connect();
        Assert.Equal([1, 2, 10, 11], types);
        Assert.Equal(TimeSpan.FromMilliseconds(80), pair.Now - start);
        Assert.Single(pair.ClientEvents, e => e is AssociationUp);
        Assert.Single(pair.ServerEvents, e => e is AssociationUp);
    }

    [Fact]
    public void The_server_keeps_nothing_before_the_cookie_comes_back()
    {
        var pair = new SctpPair();
        pair.Tamper = (toServer, packet) => toServer && packet[12] == (byte)ChunkType.CookieEcho ? [] : [packet];
        pair.Client.Start(pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(SctpState.CookieEchoed, pair.Client.State);
        Assert.Equal(SctpState.Closed, pair.Server.State);
        Assert.Equal(MonotonicTime.Never, pair.Server.NextTimeout);
    }

    [Fact]
    public void Start_NoAnswer_RepeatsWithDoublingWaitsUpToThreeSeconds()
    {
        var pair = new SctpPair();
        var times = new List<double>();
        var start = pair.Now;
        pair.Tamper = (toServer, packet) =>
        {
            times.Add((pair.Now - start).TotalSeconds);
            return [];
        };
        pair.Client.Start(pair.Now);
        pair.Run(TimeSpan.FromSeconds(14));
        Assert.Equal([0, 0.5, 1.5, 3.5, 6.5, 9.5, 12.5], times);
    }

    [Fact]
    public void Start_NoAnswerAndALimit_GoesDown()
    {
        var pair = new SctpPair(client: new() { MaxRetransmissions = 3 }) { Loss = 1 };
        pair.Client.Start(pair.Now);
        pair.Run(TimeSpan.FromSeconds(60));
        Assert.Equal([new AssociationDown(SctpDownReason.TooManyRetransmissions)], pair.ClientEvents);
        Assert.Equal(MonotonicTime.Never, pair.Client.NextTimeout);
    }

    [Fact]
    public void Both_sides_that_start_at_once_end_in_one_association()
    {
        for (var seed = 1UL; seed <= 30; seed++)
        {
            var pair = new SctpPair(seed, server: new() { IsServer = false }) { JitterMilliseconds = 80, Loss = 0.1 };
            pair.Client.Start(pair.Now);
            pair.Server.Start(pair.Now);
            pair.Run(TimeSpan.FromSeconds(60), () => pair.Client.State == SctpState.Established && pair.Server.State == SctpState.Established);
            Assert.True(pair.Client.State == SctpState.Established && pair.Server.State == SctpState.Established, pair.Describe());
            var id = pair.Open();
            pair.Server.SendMessage(id, "hello"u8, true, pair.Now);
            pair.Run(TimeSpan.FromSeconds(30), () => SctpPair.Count(pair.ClientEvents) > 0);
            Assert.True(SctpPair.Messages(pair.ClientEvents).Count == 1, pair.Describe());
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.3)]
    public void The_handshake_gets_through_a_bad_line(double loss)
    {
        for (var seed = 1UL; seed <= 50; seed++) new SctpPair(seed) { Loss = loss, Duplication = 0.2, JitterMilliseconds = 100 }.Connect();
    }

    [Fact]
    public void A_stale_cookie_is_reported_and_the_client_begins_again()
    {
        var pair = new SctpPair();
        var held = 0;
        var errors = 0;
        pair.Tamper = (toServer, packet) =>
        {
            if (!toServer && packet[12] == (byte)ChunkType.Error) errors++;
            return toServer && packet[12] == (byte)ChunkType.CookieEcho && held++ < 30 ? [] : [packet];
        };
        pair.Client.Start(pair.Now);
        pair.Run(TimeSpan.FromSeconds(200), () => pair.Client.State == SctpState.Established);
        Assert.Equal(SctpState.Established, pair.Client.State);
        Assert.Equal(1, errors);
        Assert.Equal(1, pair.Server.Counters[SctpDrop.StaleCookie]);
    }

    [Fact]
    public void Data_that_comes_before_the_cookie_ack_leaves_no_deadline_that_has_passed()
    {
        var pair = new SctpPair();
        pair.Tamper = (toServer, packet) => !toServer && packet[12] == (byte)ChunkType.CookieAck ? [] : [packet];
        pair.Client.Start(pair.Now);
        pair.Run(TimeSpan.FromMilliseconds(70));
        Assert.Equal(SctpState.Established, pair.Server.State);
        pair.Server.OpenChannel(new DataChannels.DataChannelOptions { Label = "early" }, pair.Now);
        pair.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(SctpState.CookieEchoed, pair.Client.State);

        var later = pair.Now + TimeSpan.FromMilliseconds(250);
        pair.Client.HandleTimeout(later);
        Assert.True(pair.Client.NextTimeout > later, $"{pair.Client.NextTimeout} and not after {later}");
    }

    [Fact]
    public void A_forged_cookie_makes_no_association()
    {
        var pair = new SctpPair();
        pair.Tamper = (toServer, packet) =>
        {
            if (!toServer || packet[12] != (byte)ChunkType.CookieEcho) return [packet];
            packet[40] ^= 1;
            PacketHeader.Read(packet).Seal(packet);
            return [packet];
        };
        pair.Client.Start(pair.Now);
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(SctpState.Closed, pair.Server.State);
        Assert.True(pair.Server.Counters[SctpDrop.BadCookie] > 0);
    }

    [Fact]
    public void Packets_with_a_wrong_tag_port_or_checksum_change_nothing()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        byte[] sent = [];
        pair.Tamper = (_, packet) =>
        {
            sent = packet;
            return [];
        };
        pair.Client.SendMessage(id, "x"u8, true, pair.Now);
        pair.Drain();
        var header = PacketHeader.Read(sent);

        var wrongTag = (byte[])sent.Clone();
        (header with { VerificationTag = header.VerificationTag + 1 }).Seal(wrongTag);
        pair.Server.HandlePacket(wrongTag, pair.Now);
        Assert.Equal(1, pair.Server.Counters[SctpDrop.WrongVerificationTag]);

        var wrongPort = (byte[])sent.Clone();
        (header with { DestinationPort = 5001 }).Seal(wrongPort);
        pair.Server.HandlePacket(wrongPort, pair.Now);
        Assert.Equal(1, pair.Server.Counters[SctpDrop.WrongPort]);

        var wrongSum = (byte[])sent.Clone();
        wrongSum[^1] ^= 1;
        pair.Server.HandlePacket(wrongSum, pair.Now);
        Assert.Equal(1, pair.Server.Counters[SctpDrop.BadChecksum]);

        var abort = new byte[16];
        ChunkWriter.Chunk(ChunkType.Abort, 0, []).CopyTo(abort, 12);
        (header with { VerificationTag = header.VerificationTag + 1 }).Seal(abort);
        pair.Server.HandlePacket(abort, pair.Now);
        Assert.Equal(SctpState.Established, pair.Server.State);
        Assert.Empty(SctpPair.Messages(pair.ServerEvents));

        pair.Server.HandlePacket(sent, pair.Now);
        pair.Drain();
        Assert.Single(SctpPair.Messages(pair.ServerEvents));
    }

    [Fact]
    public void Abort_TellsThePeer_AndBothCanBeginAgain()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        pair.Client.Abort(pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(new AssociationDown(SctpDownReason.AbortedLocally), pair.ClientEvents[^1]);
        Assert.Equal([new ChannelClosed(id), new AssociationDown(SctpDownReason.AbortedByPeer)], pair.ServerEvents[^2..]);
        Assert.Equal(MonotonicTime.Never, pair.Server.NextTimeout);

        pair.Connect();
        pair.Open();
        Assert.Equal(2, pair.ServerEvents.Count(e => e is AssociationUp));
    }

    [Fact]
    public void A_peer_that_lost_its_state_is_told_so_and_connects_again()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        pair.Tamper = (_, _) => [];
        pair.Server.Abort(pair.Now); // the ABORT gets lost
        pair.Drain();
        pair.Tamper = (_, packet) => [packet];
        pair.Client.SendMessage(id, "anyone?"u8, true, pair.Now);
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(new AssociationDown(SctpDownReason.AbortedByPeer), pair.ClientEvents[^1]);
    }

    [Fact]
    public void A_client_that_restarts_takes_the_place_of_its_old_association()
    {
        var pair = new SctpPair().Connect();
        pair.Open();
        pair.Tamper = (_, _) => [];
        pair.Client.Abort(pair.Now); // the ABORT gets lost: the server still believes in the old association
        pair.Drain();
        pair.Tamper = (_, packet) => [packet];
        Assert.Equal(SctpState.Established, pair.Server.State);
        pair.ServerEvents.Clear();
        pair.Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal([typeof(ChannelClosed), typeof(AssociationUp)], pair.ServerEvents.Select(e => e.GetType()));
        pair.ClientEvents.Clear();
        pair.Open();
    }

    [Fact]
    public void Shutdown_delivers_what_was_accepted_first()
    {
        var pair = new SctpPair { Loss = 0.1 }.Connect();
        var id = pair.Open();
        var data = new byte[50_000];
        new SeededRandomSource(3).Fill(data);
        Assert.True(pair.Client.SendMessage(id, data, false, pair.Now));
        pair.Client.Shutdown(pair.Now);
        Assert.False(pair.Client.SendMessage(id, "late"u8, true, pair.Now));
        pair.Run(TimeSpan.FromSeconds(60), () => pair.Client.State == SctpState.Closed && pair.Server.State == SctpState.Closed);
        Assert.Equal(new AssociationDown(SctpDownReason.ShutDown), pair.ClientEvents[^1]);
        Assert.Equal(data, Assert.Single(SctpPair.Messages(pair.ServerEvents)));
    }

    [Fact]
    public void Both_sides_that_shut_down_at_once_end()
    {
        var pair = new SctpPair().Connect();
        pair.Client.Shutdown(pair.Now);
        pair.Server.Shutdown(pair.Now);
        pair.Run(TimeSpan.FromSeconds(20));
        Assert.Equal(SctpState.Closed, pair.Client.State);
        Assert.Equal(SctpState.Closed, pair.Server.State);
    }

    [Fact]
    public void An_idle_association_sends_a_heartbeat_every_thirty_seconds_and_nothing_else()
    {
        var pair = new SctpPair().Connect();
        var types = new List<byte>();
        pair.Tamper = (_, packet) =>
        {
            types.Add(packet[12]);
            return [packet];
        };
        pair.Run(TimeSpan.FromSeconds(95));
        Assert.Equal(6, types.Count(t => t == (byte)ChunkType.Heartbeat));
        Assert.Equal(6, types.Count(t => t == (byte)ChunkType.HeartbeatAck));
        Assert.Equal(12, types.Count);
    }

    [Theory]
    [InlineData(0x2F, false, false)] // 00: stop, say nothing
    [InlineData(0x40, false, true)] // 01: stop, report (I-DATA, which we do not offer)
    [InlineData(0x8F, true, false)] // 10: skip, say nothing
    [InlineData(0xCF, true, true)] // 11: skip, report
    public void An_unknown_chunk_is_treated_by_its_two_highest_bits(byte type, bool goesOn, bool isReported)
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        var errors = 0;
        pair.Tamper = (toServer, packet) =>
        {
            if (!toServer && packet[12] == (byte)ChunkType.Error) errors++;
            if (!toServer || packet[12] != (byte)ChunkType.Data) return [packet];
            byte[] changed = [.. packet[..12], type, 0, 0, 5, 9, 0, 0, 0, .. packet[12..]];
            PacketHeader.Read(packet).Seal(changed);
            return [changed];
        };
        pair.Client.SendMessage(id, "behind it"u8, true, pair.Now);
        pair.Run(TimeSpan.FromMilliseconds(390));
        Assert.Equal(goesOn ? 1 : 0, SctpPair.Messages(pair.ServerEvents).Count);
        Assert.Equal(isReported ? 1 : 0, errors);
    }

    [Fact]
    public void A_data_chunk_without_data_is_answered_with_an_abort()
    {
        var pair = new SctpPair().Connect();
        var id = pair.Open();
        pair.Tamper = (toServer, packet) =>
        {
            if (!toServer || packet[12] != (byte)ChunkType.Data) return [packet];
            var changed = packet[..28];
            changed[15] = 16;
            PacketHeader.Read(packet).Seal(changed);
            return [changed];
        };
        pair.Client.SendMessage(id, "x"u8, true, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(new AssociationDown(SctpDownReason.ProtocolViolation), pair.ServerEvents[^1]);
        Assert.Equal(new AssociationDown(SctpDownReason.AbortedByPeer), pair.ClientEvents[^1]);
    }
}
