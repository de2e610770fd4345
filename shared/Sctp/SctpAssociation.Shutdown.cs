using System.Buffers.Binary;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp;

/// <summary>Graceful end (RFC 9260 section 9.2) and heartbeats (section 8.3).</summary>
public sealed partial class SctpAssociation
{
    private MonotonicTime _t2 = MonotonicTime.Never;
    private int _t2Expirations;
    private MonotonicTime _heartbeatTimer = MonotonicTime.Never;
    private ulong _heartbeatNonce;
    private int _heartbeatsUnanswered;

    /// <summary>Lets everything accepted arrive, then ends.</summary>
    public void Shutdown(MonotonicTime now)
    {
        if (State != SctpState.Established) return;
        State = SctpState.ShutdownPending;
        Flush(now);
    }

    private void AdvanceShutdown(MonotonicTime now)
    {
        if (_sender is not { IsIdle: true }) return;
        switch (State)
        {
            case SctpState.ShutdownPending:
                State = SctpState.ShutdownSent;
                RepeatShutdown();
                break;
            case SctpState.ShutdownReceived:
                State = SctpState.ShutdownAckSent;
                SendControl(ChunkWriter.Chunk(ChunkType.ShutdownAck, 0, []));
                break;
            default:
                return;
        }

        _t2Expirations = 0;
        _t2 = now + _rto.Current;
    }

    private void RepeatShutdown()
    {
        Span<byte> cumulative = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(cumulative, _receiver!.CumulativeTsn);
        SendControl(ChunkWriter.Chunk(ChunkType.Shutdown, 0, cumulative));
    }

    private void HandleShutdown(TypedValue chunk, MonotonicTime now)
    {
        if (chunk.Value.Length < 4 || !_sender!.HandleCumulative(BinaryPrimitives.ReadUInt32BigEndian(chunk.Value), now))
        {
            Counters.Count(SctpDrop.MalformedChunk);
            return;
        }

        switch (State)
        {
            case SctpState.Established or SctpState.ShutdownPending:
                State = SctpState.ShutdownReceived;
                break;
            case SctpState.ShutdownSent:
                // Both sides shut down at once.
                State = SctpState.ShutdownAckSent;
                SendControl(ChunkWriter.Chunk(ChunkType.ShutdownAck, 0, []));
                _t2 = now + _rto.Current;
                break;
        }
    }

    private void HandleShutdownAck()
    {
        if (State is not (SctpState.ShutdownSent or SctpState.ShutdownAckSent))
        {
            Counters.Count(SctpDrop.UnexpectedChunk);
            return;
        }

        SendAlone(ChunkWriter.Chunk(ChunkType.ShutdownComplete, 0, []), _peerTag);
        GoDown(SctpDownReason.ShutDown);
    }

    private void HandleShutdownTimer(MonotonicTime now)
    {
        if (now < _t2) return;
        if (++_t2Expirations > _options.MaxRetransmissions)
        {
            GoDown(SctpDownReason.TooManyRetransmissions);
            return;
        }

        _rto.BackOff();
        _t2 = now + _rto.Current;
        if (State == SctpState.ShutdownSent) RepeatShutdown();
        else SendControl(ChunkWriter.Chunk(ChunkType.ShutdownAck, 0, []));
    }

    private void HandleHeartbeatTimer(MonotonicTime now)
    {
        if (now < _heartbeatTimer || _options.HeartbeatInterval is not { } interval) return;
        if (_heartbeatNonce != 0 && ++_heartbeatsUnanswered > _options.MaxRetransmissions)
        {
            GoDown(SctpDownReason.TooManyRetransmissions);
            return;
        }

        _heartbeatTimer = now + interval;
        _heartbeatNonce = _random.NextUInt64() | 1;
        Span<byte> information = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(information, now.Nanoseconds);
        BinaryPrimitives.WriteUInt64BigEndian(information[8..], _heartbeatNonce);

        // Heartbeat information is a parameter of type 1 (RFC 9260 section 3.3.5).
        SendControl(ChunkWriter.Chunk(ChunkType.Heartbeat, 0, ChunkWriter.Parameter(1, information)));
    }

    private void HandleHeartbeatAck(TypedValue chunk, MonotonicTime now)
    {
        if (chunk.Value.Length != 20 || _heartbeatNonce == 0 || BinaryPrimitives.ReadUInt64BigEndian(chunk.Value[12..]) != _heartbeatNonce)
        {
            Counters.Count(SctpDrop.UnexpectedChunk);
            return;
        }

        _heartbeatNonce = 0;
        _heartbeatsUnanswered = 0;
        _rto.Measure(now - new MonotonicTime(BinaryPrimitives.ReadInt64BigEndian(chunk.Value[4..])));
    }
}
