using System.Buffers.Binary;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Streams;

/// <summary>Stream reset (RFC 6525), which is how a data channel is closed (RFC 8831 section 6.7). One request at a time in each direction.</summary>
internal sealed class StreamResets(AssociationState state, IAssociation association)
{
    private readonly List<ushort> _queue = [];
    private OutgoingResetRequest? _active;
    private OutgoingResetRequest? _deferred;
    private ReconfigResponse _lastResponse;
    private uint _nextRequest;
    private uint _nextPeerRequest;
    private int _expirations;

    internal MonotonicTime RepeatAt { get; private set; } = MonotonicTime.Never;

    internal void StopTimer() => RepeatAt = MonotonicTime.Never;

    /// <summary>For new halves of the data transfer.</summary>
    internal void Begin(uint localInitialTsn, uint peerInitialTsn)
    {
        _queue.Clear();
        _active = null;
        _deferred = null;
        RepeatAt = MonotonicTime.Never;
        _nextRequest = localInitialTsn;
        _nextPeerRequest = peerInitialTsn;
        _lastResponse = new ReconfigResponse(peerInitialTsn - 1, ReconfigResult.NothingToDo);
    }

    internal void Queue(ushort stream)
    {
        if (!_queue.Contains(stream) && _queue.Count < SctpLimits.MaxQueuedResets) _queue.Add(stream);
    }

    /// <summary>Whether a reset of our outgoing stream waits or has no answer yet.</summary>
    internal bool IsUnderWay(ushort stream) => _queue.Contains(stream) || _active?.Streams.Contains(stream) == true;

    /// <summary>Streams whose messages are all split into chunks are reset; the others wait.</summary>
    internal void StartQueued(MonotonicTime now)
    {
        if (_active is not null || _queue.Count == 0 || state.State != SctpState.Established) return;
        if (!state.PeerTakesReconfig)
        {
            foreach (var stream in _queue) association.OnOutgoingReset(stream);
            _queue.Clear();
            return;
        }

        var ready = _queue.Where(stream => !state.Sender!.HasWaiting(stream)).ToArray();
        if (ready.Length == 0) return;
        _queue.RemoveAll(stream => Array.IndexOf(ready, stream) >= 0);
        _active = new OutgoingResetRequest(_nextRequest++, _nextPeerRequest - 1, state.Sender!.LastAssignedTsn, ready);
        _expirations = 0;
        RepeatAt = now + state.Rto.Current;
        state.Packets.SendControl(_active.FormatChunk());
    }

    internal void HandleTimeout(MonotonicTime now)
    {
        if (now < RepeatAt || _active is null) return;
        if (++_expirations > state.Options.MaxRetransmissions)
        {
            association.GoDown(SctpDownReason.TooManyRetransmissions);
            return;
        }

        state.Rto.BackOff();
        RepeatAt = now + state.Rto.Current;
        state.Packets.SendControl(_active.FormatChunk());
    }

    internal void HandleReconfig(TypedValue chunk)
    {
        var parameters = new ChunkReader(chunk.Value);
        while (parameters.TryRead(out var parameter))
        {
            switch (parameter.ParameterType)
            {
                case OutgoingResetRequest.ParameterType when OutgoingResetRequest.TryParse(parameter.Value, out var request):
                    HandleRequest(request);
                    break;
                case ReconfigResponse.ParameterType when ReconfigResponse.TryParse(parameter.Value, out var response):
                    HandleResponse(response);
                    break;
                case 14 or 15 or 17 or 18 when parameter.Value.Length >= 4:
                    // Incoming reset, SSN/TSN reset, added streams: WebRTC needs none of them, and the RFC allows refusing them.
                    Refuse(BinaryPrimitives.ReadUInt32BigEndian(parameter.Value));
                    break;
                default:
                    state.Counters.Count(SctpDrop.MalformedChunk);
                    break;
            }
        }

        if (parameters.Failed) state.Counters.Count(SctpDrop.MalformedChunk);
    }

    /// <summary>At the end of each packet: a reset that waited for data is performed when the data is there.</summary>
    internal void CheckDeferred()
    {
        if (_deferred is not null && state.Receiver is not null && state.Receiver.HasReceived(_deferred.LastTsn)) Perform(_deferred);
    }

    private void HandleRequest(OutgoingResetRequest request)
    {
        if (request.RequestNumber == _lastResponse.ResponseNumber && request.RequestNumber != _nextPeerRequest)
        {
            state.Packets.SendControl(_lastResponse.FormatChunk());
            return;
        }

        if (request.RequestNumber != _nextPeerRequest)
        {
            state.Packets.SendControl(new ReconfigResponse(request.RequestNumber, ReconfigResult.BadSequenceNumber).FormatChunk());
            return;
        }

        if (!state.Receiver!.HasReceived(request.LastTsn))
        {
            // RFC 6525 section 5.2.2 E2: the earlier messages of the stream must be delivered first.
            _deferred = request;
            state.Packets.SendControl(new ReconfigResponse(request.RequestNumber, ReconfigResult.InProgress).FormatChunk());
            return;
        }

        Perform(request);
    }

    private void Perform(OutgoingResetRequest request)
    {
        _deferred = null;
        if (request.Streams.Length == 0) association.OnAllIncomingReset();
        foreach (var stream in request.Streams) association.OnIncomingReset(stream);
        Answer(request.RequestNumber, ReconfigResult.Performed);
    }

    private void Refuse(uint requestNumber)
    {
        if (requestNumber == _nextPeerRequest) Answer(requestNumber, ReconfigResult.Denied);
        else if (requestNumber == _lastResponse.ResponseNumber) state.Packets.SendControl(_lastResponse.FormatChunk());
        else state.Packets.SendControl(new ReconfigResponse(requestNumber, ReconfigResult.BadSequenceNumber).FormatChunk());
    }

    private void Answer(uint requestNumber, ReconfigResult result)
    {
        _nextPeerRequest++;
        _lastResponse = new ReconfigResponse(requestNumber, result);
        state.Packets.SendControl(_lastResponse.FormatChunk());
    }

    private void HandleResponse(ReconfigResponse response)
    {
        if (_active is null || response.ResponseNumber != _active.RequestNumber)
        {
            state.Counters.Count(SctpDrop.UnexpectedChunk);
            return;
        }

        if (response.Result == ReconfigResult.InProgress) return; // the timer retries
        var streams = _active.Streams;
        _active = null;
        RepeatAt = MonotonicTime.Never;
        foreach (var stream in streams)
        {
            if (response.Result is ReconfigResult.Performed or ReconfigResult.NothingToDo) state.Sender!.ResetStream(stream);
            association.OnOutgoingReset(stream);
        }
    }
}
