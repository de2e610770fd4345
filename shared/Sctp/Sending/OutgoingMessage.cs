using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Sending;

/// <summary>A user message on its way.</summary>
internal sealed class OutgoingMessage
{
    internal required ushort StreamId { get; init; }

    internal required uint Ppid { get; init; }

    internal required byte[] Data { get; init; }

    internal bool IsUnordered { get; init; }

    /// <summary>How often any of its chunks may be retransmitted before the message is abandoned.</summary>
    internal int MaxRetransmissions { get; init; } = int.MaxValue;

    internal MonotonicTime ExpiresAt { get; init; } = MonotonicTime.Never;

    internal bool IsPartiallyReliable => MaxRetransmissions != int.MaxValue || ExpiresAt != MonotonicTime.Never;

    /// <summary>Assigned when the first fragment is sent, so that messages abandoned earlier leave no gap.</summary>
    internal ushort Ssn { get; set; }

    /// <summary>Bytes that have become chunks.</summary>
    internal int Taken { get; set; }

    internal bool IsAbandoned { get; set; }
}

internal enum ChunkFate
{
    InFlight,
    Acknowledged,
    ToRetransmit,
    Abandoned,
}

/// <summary>A piece of a message with its TSN.</summary>
internal sealed class OutgoingChunk(uint tsn, OutgoingMessage message, int offset, int length)
{
    internal uint Tsn { get; } = tsn;

    internal OutgoingMessage Message { get; } = message;

    internal int Offset { get; } = offset;

    internal int Length { get; } = length;

    internal ChunkFate Fate { get; set; } = ChunkFate.InFlight;

    internal int Transmissions { get; set; } = 1;

    /// <summary>SACKs that acknowledged later chunks and not this one (RFC 9260 section 7.2.4).</summary>
    internal int MissIndications { get; set; }

    internal bool WasFastRetransmitted { get; set; }

    internal MonotonicTime SentAt { get; set; }

    internal bool IsBegin => Offset == 0;

    internal bool IsEnd => Offset + Length == Message.Data.Length;
}
