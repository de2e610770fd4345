using System.Buffers.Binary;

namespace JitsiMesh.Sctp.Wire;

/// <summary>
/// <code>
///  type = 192 | flags | length
///  new cumulative TSN (32)
///  stream (16) | stream sequence number (16), for each ordered stream with something skipped     RFC 3758 section 3.2
/// </code>
/// </summary>
internal readonly ref struct ForwardTsnChunk
{
    private readonly ReadOnlySpan<byte> _streams;

    private ForwardTsnChunk(uint newCumulativeTsn, ReadOnlySpan<byte> streams)
    {
        NewCumulativeTsn = newCumulativeTsn;
        _streams = streams;
    }

    internal uint NewCumulativeTsn { get; }

    internal int StreamCount => _streams.Length / 4;

    internal (ushort StreamId, ushort Ssn) Stream(int index) => (
        BinaryPrimitives.ReadUInt16BigEndian(_streams[(index * 4)..]),
        BinaryPrimitives.ReadUInt16BigEndian(_streams[((index * 4) + 2)..]));

    internal static bool TryParse(TypedValue chunk, out ForwardTsnChunk forward)
    {
        forward = default;
        var value = chunk.Value;
        if (value.Length < 4 || value.Length % 4 != 0) return false;
        forward = new ForwardTsnChunk(BinaryPrimitives.ReadUInt32BigEndian(value), value[4..]);
        return true;
    }

    internal static byte[] Format(uint newCumulativeTsn, IReadOnlyDictionary<ushort, ushort> streams)
    {
        var value = new byte[4 + (4 * streams.Count)];
        BinaryPrimitives.WriteUInt32BigEndian(value, newCumulativeTsn);
        var position = 4;
        foreach (var (stream, ssn) in streams)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(position), stream);
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(position + 2), ssn);
            position += 4;
        }

        return ChunkWriter.Chunk(ChunkType.ForwardTsn, 0, value);
    }
}
