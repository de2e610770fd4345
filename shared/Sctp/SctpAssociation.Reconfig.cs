using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp;

/// <summary>Stream reset (RFC 6525), which is how a data channel is closed (RFC 8831 section 6.7). One request at a time in each direction.</summary>
public sealed partial class SctpAssociation
{
    private readonly List<ushort> _resetQueue = [];
    private MonotonicTime _reconfigTimer = MonotonicTime.Never;
    private OutgoingResetRequest? _activeReset;
    private OutgoingResetRequest? _deferredReset;
    private ReconfigResponse _lastResponse;
    private uint _nextRequest;
    private uint _nextPeerRequest;
    private int _reconfigExpirations;

    private void ResetReconfiguration(uint localInitialTsn, uint peerInitialTsn)
    {
        _resetQueue.Clear();
        _activeReset = null;
        _deferredReset = null;
        _reconfigTimer = MonotonicTime.Never;
        _nextRequest = localInitialTsn;
        _nextPeerRequest = peerInitialTsn;
        _lastResponse = new ReconfigResponse(peerInitialTsn - 1, ReconfigResult.NothingToDo);
    }

    private void QueueReset(ushort stream)
    {
        if (!_resetQueue.Contains(stream) && _resetQueue.Count < SctpLimits.MaxQueuedResets) _resetQueue.Add(stream);
    }

    /// <summary>Streams whose last message has become chunks are reset; the others wait.</summary>
    private void StartQueuedReset(MonotonicTime now)
    {
        if (_activeReset is not null || _resetQueue.Count == 0 || State != SctpState.Established) return;
        if (!_peerTakesReconfig)
        {
            foreach (var stream in _resetQueue) OnOutgoingReset(stream);
            _resetQueue.Clear();
            return;
        }

        var ready = _resetQueue.Where(stream => !_sender!.HasWaiting(stream)).ToArray();
        if (ready.Length == 0) return;
        _resetQueue.RemoveAll(stream => Array.IndexOf(ready, stream) >= 0);
        _activeReset = new OutgoingResetRequest(_nextRequest++, _nextPeerRequest - 1, _sender!.LastAssignedTsn, ready);
        _reconfigExpirations = 0;
        _reconfigTimer = now + _rto.Current;
        SendControl(_activeReset.FormatChunk());
    }

    private void HandleReconfigTimer(MonotonicTime now)
    {
        if (now < _reconfigTimer || _activeReset is null) return;
        if (++_reconfigExpirations > _options.MaxRetransmissions)
        {
            GoDown(SctpDownReason.TooManyRetransmissions);
            return;
        }

        _rto.BackOff();
        _reconfigTimer = now + _rto.Current;
        SendControl(_activeReset.FormatChunk());
    }

    private void HandleReconfig(TypedValue chunk)
    {
        var parameters = new ChunkReader(chunk.Value);
        while (parameters.TryRead(out var parameter))
        {
            switch (parameter.ParameterType)
            {
                case OutgoingResetRequest.ParameterType when OutgoingResetRequest.TryParse(parameter.Value, out var request):
                    HandleResetRequest(request);
                    break;
                case ReconfigResponse.ParameterType when ReconfigResponse.TryParse(parameter.Value, out var response):
                    HandleReconfigResponse(response);
                    break;
                case 14 or 15 or 17 or 18 when parameter.Value.Length >= 4:
                    // Incoming reset, SSN/TSN reset, added streams: WebRTC needs none of them, and the RFC lets us say no.
                    Refuse(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(parameter.Value));
                    break;
                default:
                    Counters.Count(SctpDrop.MalformedChunk);
                    break;
            }
        }

        if (parameters.Failed) Counters.Count(SctpDrop.MalformedChunk);
    }

    private void HandleResetRequest(OutgoingResetRequest request)
    {
        if (request.RequestNumber == _lastResponse.ResponseNumber && request.RequestNumber != _nextPeerRequest)
        {
            SendControl(_lastResponse.FormatChunk());
            return;
        }

        if (request.RequestNumber != _nextPeerRequest)
        {
            SendControl(new ReconfigResponse(request.RequestNumber, ReconfigResult.BadSequenceNumber).FormatChunk());
            return;
        }

        if (!_receiver!.HasReceived(request.LastTsn))
        {
            // RFC 6525 section 5.2.2 E2: what was sent on the stream before must be delivered first.
            _deferredReset = request;
            SendControl(new ReconfigResponse(request.RequestNumber, ReconfigResult.InProgress).FormatChunk());
            return;
        }

        PerformIncomingReset(request);
    }

    private void CheckDeferredReset()
    {
        if (_deferredReset is not null && _receiver is not null && _receiver.HasReceived(_deferredReset.LastTsn)) PerformIncomingReset(_deferredReset);
    }

    private void PerformIncomingReset(OutgoingResetRequest request)
    {
        _deferredReset = null;
        if (request.Streams.Length == 0)
        {
            foreach (var id in _channels.Keys.ToArray()) OnIncomingReset((ushort)id);
        }

        foreach (var stream in request.Streams) OnIncomingReset(stream);
        Answer(request.RequestNumber, ReconfigResult.Performed);
    }

    private void Refuse(uint requestNumber)
    {
        if (requestNumber == _nextPeerRequest) Answer(requestNumber, ReconfigResult.Denied);
        else if (requestNumber == _lastResponse.ResponseNumber) SendControl(_lastResponse.FormatChunk());
        else SendControl(new ReconfigResponse(requestNumber, ReconfigResult.BadSequenceNumber).FormatChunk());
    }

    private void Answer(uint requestNumber, ReconfigResult result)
    {
        _nextPeerRequest++;
        _lastResponse = new ReconfigResponse(requestNumber, result);
        SendControl(_lastResponse.FormatChunk());
    }

    private void HandleReconfigResponse(ReconfigResponse response)
    {
        if (_activeReset is null || response.ResponseNumber != _activeReset.RequestNumber)
        {
            Counters.Count(SctpDrop.UnexpectedChunk);
            return;
        }

        if (response.Result == ReconfigResult.InProgress) return; // the timer asks again
        var streams = _activeReset.Streams;
        _activeReset = null;
        _reconfigTimer = MonotonicTime.Never;
        foreach (var stream in streams)
        {
            if (response.Result is ReconfigResult.Performed or ReconfigResult.NothingToDo) _sender!.ResetStream(stream);
            OnOutgoingReset(stream);
        }
    }
}
