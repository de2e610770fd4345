using System.Buffers.Binary;

namespace JitsiMesh.Sctp.Wire;

/// <summary>
/// <code>
///  type = 3 | flags | length
///  cumulative TSN (32)
///  a_rwnd (32)
///  number of gap blocks (16) | number of duplicates (16)
///  gap block: start (16) | end (16), both relative to the cumulative TSN
///  duplicate TSN (32)                                   RFC 9260 section 3.3.4
/// </code>
/// </summary>
internal readonly ref struct SackChunk
{
    private readonly ReadOnlySpan<byte> _gaps;
    private readonly ReadOnlySpan<byte> _duplicates;

    private SackChunk(uint cumulativeTsn, uint receiverWindow, ReadOnlySpan<byte> gaps, ReadOnlySpan<byte> duplicates)
    {
        CumulativeTsn = cumulativeTsn;
        ReceiverWindow = receiverWindow;
        _gaps = gaps;
        _duplicates = duplicates;
    }

    internal uint CumulativeTsn { get; }

    internal uint ReceiverWindow { get; }

    internal int GapCount => _gaps.Length / 4;

    internal int DuplicateCount => _duplicates.Length / 4;

    internal (ushort Start, ushort End) Gap(int index) => (
        BinaryPrimitives.ReadUInt16BigEndian(_gaps[(index * 4)..]),
        BinaryPrimitives.ReadUInt16BigEndian(_gaps[((index * 4) + 2)..]));

    internal uint Duplicate(int index) => BinaryPrimitives.ReadUInt32BigEndian(_duplicates[(index * 4)..]);

    internal static bool TryParse(TypedValue chunk, out SackChunk sack)
    {
        sack = default;
        var value = chunk.Value;
        if (value.Length < 12) return false;
        var gaps = BinaryPrimitives.ReadUInt16BigEndian(value[8..]) * 4;
        var duplicates = BinaryPrimitives.ReadUInt16BigEndian(value[10..]) * 4;
        if (value.Length < 12 + gaps + duplicates) return false;
        sack = new SackChunk(
            BinaryPrimitives.ReadUInt32BigEndian(value),
            BinaryPrimitives.ReadUInt32BigEndian(value[4..]),
            value.Slice(12, gaps),
            value.Slice(12 + gaps, duplicates));
        return true;
    }

    internal static byte[] Format(uint cumulativeTsn, uint receiverWindow, ReadOnlySpan<(ushort Start, ushort End)> gaps, ReadOnlySpan<uint> duplicates)
    {
        var value = new byte[12 + (4 * gaps.Length) + (4 * duplicates.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulativeTsn);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(4), receiverWindow);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(8), (ushort)gaps.Length);
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(10), (ushort)duplicates.Length);
        var position = 12;
        foreach (var (start, end) in gaps)
        {
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(position), start);
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(position + 2), end);
            position += 4;
        }

        foreach (var tsn in duplicates)
        {
            BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(position), tsn);
            position += 4;
        }

        return ChunkWriter.Chunk(ChunkType.Sack, 0, value);
    }
}
