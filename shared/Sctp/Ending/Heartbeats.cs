using System.Buffers.Binary;
using JitsiMesh.Primitives;
using JitsiMesh.Sctp.Wire;

namespace JitsiMesh.Sctp.Ending;

/// <summary>Checks whether an idle peer is alive, and answers the peer's check (RFC 9260 section 8.3).</summary>
internal sealed class Heartbeats(AssociationState state, IAssociation association)
{
    private ulong _nonce;
    private int _unanswered;

    internal MonotonicTime NextAt { get; private set; } = MonotonicTime.Never;

    internal void Start(MonotonicTime now)
    {
        NextAt = state.Options.HeartbeatInterval is { } interval ? now + interval : MonotonicTime.Never;
        _nonce = 0;
        _unanswered = 0;
    }

    internal void StopTimer() => NextAt = MonotonicTime.Never;

    internal void HandleTimeout(MonotonicTime now)
    {
        if (now < NextAt || state.Options.HeartbeatInterval is not { } interval) return;
        if (_nonce != 0 && ++_unanswered > state.Options.MaxRetransmissions)
        {
            association.GoDown(SctpDownReason.TooManyRetransmissions);
            return;
        }

        NextAt = now + interval;
        _nonce = state.Random.NextUInt64() | 1;
        Span<byte> information = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(information, now.Nanoseconds);
        BinaryPrimitives.WriteUInt64BigEndian(information[8..], _nonce);

        // Heartbeat information is a parameter of type 1 (RFC 9260 section 3.3.5).
        state.Packets.SendControl(ChunkWriter.Chunk(ChunkType.Heartbeat, 0, ChunkWriter.Parameter(1, information)));
    }

    internal void HandleHeartbeat(TypedValue chunk)
    {
        if (chunk.Whole.Length <= SctpLimits.MaxHeartbeat) state.Packets.SendControl(ChunkWriter.Chunk(ChunkType.HeartbeatAck, 0, chunk.Value));
        else state.Counters.Count(SctpDrop.TooLong);
    }

    internal void HandleHeartbeatAck(TypedValue chunk, MonotonicTime now)
    {
        if (chunk.Value.Length != 20 || _nonce == 0 || BinaryPrimitives.ReadUInt64BigEndian(chunk.Value[12..]) != _nonce)
        {
            state.Counters.Count(SctpDrop.UnexpectedChunk);
            return;
        }

        _nonce = 0;
        _unanswered = 0;
        state.Rto.Measure(now - new MonotonicTime(BinaryPrimitives.ReadInt64BigEndian(chunk.Value[4..])));
    }
}
