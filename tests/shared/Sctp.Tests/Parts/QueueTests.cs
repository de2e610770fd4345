using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests.Parts;

public sealed class QueueTests
{
    [Fact]
    public void Control_chunks_share_packets_and_come_before_data()
    {
        var association = new RecordedAssociation().Establish();
        association.Enqueue(0, 100);
        association.State.Packets.SendControl(ChunkWriter.Chunk(ChunkType.CookieAck, 0, []));
        association.State.Packets.SendControl(ChunkWriter.Chunk(ChunkType.HeartbeatAck, 0, new byte[40]));
        Assert.True(association.State.Packets.Fill(association.State, association.Now));
        Assert.Equal(1, association.State.Packets.Count);
        Assert.Equal([ChunkType.CookieAck, ChunkType.HeartbeatAck, ChunkType.Data], association.TakeTypes());
    }

    [Fact]
    public void Data_waits_for_the_cookie_ack()
    {
        var association = new RecordedAssociation().Establish();
        association.State.State = SctpState.CookieEchoed;
        association.Enqueue(0, 100);
        Assert.Empty(association.TakeTypes());
        association.State.State = SctpState.Established;
        Assert.Equal([ChunkType.Data], association.TakeTypes());
    }

    [Fact]
    public void A_full_queue_of_packets_keeps_the_control_chunks_and_says_so()
    {
        var association = new RecordedAssociation().Establish();
        for (var i = 0; i < SctpLimits.MaxQueuedPackets; i++) association.State.Packets.SendAlone(ChunkWriter.Chunk(ChunkType.Abort, 0, []), 1);
        association.State.Packets.SendAlone(ChunkWriter.Chunk(ChunkType.Abort, 0, []), 1);
        Assert.Equal(1, association.State.Counters[SctpDrop.QueueFull]);
        association.State.Packets.SendControl(ChunkWriter.Chunk(ChunkType.CookieAck, 0, []));
        Assert.False(association.State.Packets.Fill(association.State, association.Now));
        while (association.State.Packets.TryDequeue(out _))
        {
        }

        Assert.Equal([ChunkType.CookieAck], association.TakeTypes());
    }

    [Fact]
    public void Messages_that_the_owner_has_not_taken_count_against_the_window_and_events_against_their_limit()
    {
        var counters = new SctpCounters();
        var events = new EventQueue(counters);
        events.Deliver(new ChannelMessage(0, true, new byte[100]));
        Assert.Equal(100 + SctpLimits.PieceOverhead, events.MessageBytes);
        for (var i = 0; i < SctpLimits.MaxQueuedEvents; i++) events.Raise(new ChannelClosed(i));
        Assert.Equal(1, counters[SctpDrop.QueueFull]);
        events.Raise(new AssociationDown(SctpDownReason.AbortedByPeer));
        Assert.Equal(1, counters[SctpDrop.QueueFull]);
        Assert.True(events.TryDequeue(out var first));
        Assert.IsType<ChannelMessage>(first);
        Assert.Equal(0, events.MessageBytes);
    }
}
