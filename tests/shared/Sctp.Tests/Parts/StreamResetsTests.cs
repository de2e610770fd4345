using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Streams;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Tests.Parts;

public sealed class StreamResetsTests
{
    private const uint PeerFirst = 5000;

    private readonly RecordedAssociation _association = new RecordedAssociation().Establish();
    private readonly StreamResets _resets;

    public StreamResetsTests()
    {
        _resets = new StreamResets(_association.State, _association);
        _resets.Begin(_association.State.LocalInitialTsn, PeerFirst);
    }

    [Fact]
    public void A_reset_waits_until_the_last_message_of_its_stream_has_left()
    {
        _association.Enqueue(4, 100);
        _resets.Queue(4);
        _resets.Queue(6);
        _resets.StartQueued(_association.Now);
        Assert.Equal([6], Request().Streams);
        Assert.True(_resets.IsUnderWay(4) && _resets.IsUnderWay(6));
        Respond(ReconfigResult.Performed);
        Assert.Equal(["outgoing 6"], _association.Asked);
        _resets.StartQueued(_association.Now);
        var second = Request();
        Assert.Equal([4], second.Streams);
        Assert.Equal(_association.State.Sender!.LastAssignedTsn, second.LastTsn);
    }

    [Fact]
    public void A_peer_that_does_not_reset_streams_is_not_asked()
    {
        _association.Establish(RecordedAssociation.Peer with { SupportsReconfig = false });
        _resets.Queue(4);
        _resets.StartQueued(_association.Now);
        Assert.Equal(["outgoing 4"], _association.Asked);
        Assert.Empty(_association.TakeChunks());
        Assert.False(_resets.IsUnderWay(4));
    }

    [Fact]
    public void Without_an_answer_the_same_request_is_repeated_with_doubled_waits()
    {
        _resets.Queue(4);
        _resets.StartQueued(_association.Now);
        var first = Request();
        _association.Now = _resets.RepeatAt;
        _resets.HandleTimeout(_association.Now);
        Assert.Equal(first.RequestNumber, Request().RequestNumber);
        Assert.Equal(_association.Now + TimeSpan.FromSeconds(1), _resets.RepeatAt);
        Respond(ReconfigResult.InProgress);
        Assert.NotEqual(MonotonicTime.Never, _resets.RepeatAt);
        Respond(ReconfigResult.Performed);
        Assert.Equal(MonotonicTime.Never, _resets.RepeatAt);
    }

    [Fact]
    public void A_request_of_the_peer_is_performed_once_and_answered_as_often_as_it_comes()
    {
        var request = new OutgoingResetRequest(PeerFirst, 0, PeerFirst - 1, [2, 4]);
        Assert.Equal(new ReconfigResponse(PeerFirst, ReconfigResult.Performed), Handle(request));
        Assert.Equal(new ReconfigResponse(PeerFirst, ReconfigResult.Performed), Handle(request));
        Assert.Equal(["incoming 2", "incoming 4"], _association.Asked);
        Assert.Equal(new ReconfigResponse(PeerFirst + 7, ReconfigResult.BadSequenceNumber), Handle(request with { RequestNumber = PeerFirst + 7 }));
    }

    [Fact]
    public void A_request_without_streams_is_for_all_of_them()
    {
        Handle(new OutgoingResetRequest(PeerFirst, 0, PeerFirst - 1, []));
        Assert.Equal(["incoming all"], _association.Asked);
    }

    [Fact]
    public void A_request_that_is_ahead_of_its_data_is_performed_when_the_data_is_there()
    {
        Assert.Equal(new ReconfigResponse(PeerFirst, ReconfigResult.InProgress), Handle(new OutgoingResetRequest(PeerFirst, 0, PeerFirst, [2])));
        _resets.CheckDeferred();
        Assert.Empty(_association.Asked);
        _association.State.Receiver!.Handle(new DataChunk { Flags = DataChunk.BeginFlag | DataChunk.EndFlag, Tsn = PeerFirst, StreamId = 2, Ssn = 0, Ppid = 53, Data = [1] }, 0);
        _resets.CheckDeferred();
        Assert.Equal(["incoming 2"], _association.Asked);
    }

    [Fact]
    public void What_nobody_in_a_browser_asks_for_is_denied()
    {
        var addStreams = ChunkWriter.Parameter(17, [0, 0, 0x13, 0x88, 0, 1, 0, 0]);
        _resets.HandleReconfig(new TypedValue(ChunkWriter.Chunk(ChunkType.Reconfig, 0, addStreams)));
        Assert.Equal(new ReconfigResponse(PeerFirst, ReconfigResult.Denied), Response());
        Assert.Empty(_association.Asked);
    }

    private ReconfigResponse Handle(OutgoingResetRequest request)
    {
        _resets.HandleReconfig(new TypedValue(request.FormatChunk()));
        return Response();
    }

    private void Respond(ReconfigResult result) =>
        _resets.HandleReconfig(new TypedValue(new ReconfigResponse(_association.State.LocalInitialTsn, result).FormatChunk()));

    private OutgoingResetRequest Request()
    {
        Assert.True(OutgoingResetRequest.TryParse(ReconfigValue(), out var request));
        return request;
    }

    private ReconfigResponse Response()
    {
        Assert.True(ReconfigResponse.TryParse(ReconfigValue(), out var response));
        return response;
    }

    // The value of the one parameter of the one RE-CONFIG among what leaves.
    private byte[] ReconfigValue()
    {
        var chunk = Assert.Single(_association.TakeChunks(), c => c[0] == (byte)ChunkType.Reconfig);
        var reader = new ChunkReader(chunk.AsSpan(4));
        Assert.True(reader.TryRead(out var parameter));
        return parameter.Value.ToArray();
    }
}
