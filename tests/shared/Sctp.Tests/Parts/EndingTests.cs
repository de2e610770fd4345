using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Ending;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests.Parts;

public sealed class EndingTests
{
    private readonly RecordedAssociation _association = new RecordedAssociation(new SctpOptions { MaxRetransmissions = 1, HeartbeatInterval = TimeSpan.FromSeconds(30) }).Establish();
    private readonly ShutdownSequence _shutdown;
    private readonly Heartbeats _heartbeats;

    public EndingTests()
    {
        _shutdown = new ShutdownSequence(_association.State, _association);
        _heartbeats = new Heartbeats(_association.State, _association);
    }

    [Fact]
    public void A_shutdown_waits_for_what_is_not_acknowledged()
    {
        _association.Enqueue(0, 10);
        _association.State.State = SctpState.ShutdownPending;
        _shutdown.Advance(_association.Now);
        Assert.Equal(SctpState.ShutdownPending, _association.State.State);
        Assert.Equal(MonotonicTime.Never, _shutdown.T2);
        Assert.Equal([ChunkType.Data], _association.TakeTypes());
        Assert.True(_association.State.Sender!.HandleCumulative(_association.State.LocalInitialTsn, _association.Now));
        _shutdown.Advance(_association.Now);
        Assert.Equal(SctpState.ShutdownSent, _association.State.State);
        Assert.Equal([ChunkType.Shutdown], _association.TakeTypes());
    }

    [Fact]
    public void A_shutdown_without_an_answer_is_repeated_once_and_then_ends_all()
    {
        _association.State.State = SctpState.ShutdownPending;
        _shutdown.Advance(_association.Now);
        _shutdown.HandleTimeout(_shutdown.T2);
        Assert.Equal([ChunkType.Shutdown, ChunkType.Shutdown], _association.TakeTypes());
        Assert.Empty(_association.Asked);
        _shutdown.HandleTimeout(_shutdown.T2);
        Assert.Equal(["down TooManyRetransmissions"], _association.Asked);
    }

    [Fact]
    public void A_shutdown_ack_ends_only_an_association_that_is_shutting_down()
    {
        _shutdown.HandleShutdownAck();
        Assert.Empty(_association.Asked);
        Assert.Equal(1, _association.State.Counters[SctpDrop.UnexpectedChunk]);
        _association.State.State = SctpState.ShutdownSent;
        _shutdown.HandleShutdownAck();
        Assert.Equal(["down ShutDown"], _association.Asked);
        Assert.Equal([ChunkType.ShutdownComplete], _association.TakeTypes());
    }

    [Fact]
    public void A_heartbeat_is_answered_only_by_its_own_nonce_and_measures_the_round_trip()
    {
        _heartbeats.Start(_association.Now);
        _association.Now = _heartbeats.NextAt;
        _heartbeats.HandleTimeout(_association.Now);
        var answer = Assert.Single(_association.TakeChunks());
        answer[0] = (byte)ChunkType.HeartbeatAck;
        answer[^1] ^= 1;
        _heartbeats.HandleHeartbeatAck(new TypedValue(answer), _association.Now);
        Assert.Equal(1, _association.State.Counters[SctpDrop.UnexpectedChunk]);
        answer[^1] ^= 1;
        _heartbeats.HandleHeartbeatAck(new TypedValue(answer), _association.Now + TimeSpan.FromMilliseconds(80));
        Assert.Equal(TimeSpan.FromMilliseconds(80), _association.State.Rto.SmoothedRoundTrip);
        _heartbeats.HandleHeartbeatAck(new TypedValue(answer), _association.Now);
        Assert.Equal(2, _association.State.Counters[SctpDrop.UnexpectedChunk]);
    }

    [Fact]
    public void Heartbeats_that_nobody_answers_end_the_association_at_its_limit()
    {
        _heartbeats.Start(_association.Now);
        for (var i = 0; i < 2; i++) _heartbeats.HandleTimeout(_heartbeats.NextAt);
        Assert.Empty(_association.Asked);
        _heartbeats.HandleTimeout(_heartbeats.NextAt);
        Assert.Equal(["down TooManyRetransmissions"], _association.Asked);
    }
}
