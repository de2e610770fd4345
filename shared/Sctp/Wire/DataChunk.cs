using System.Buffers.Binary;

namespace JitsiMesh.Sctp.Wire;

/// <summary>
/// <code>
///  type = 0 | reserved (4) I U B E | length
///  TSN (32)
///  stream identifier (16) | stream sequence number (16)
///  payload protocol identifier (32)
///  user data ...                                        RFC 9260 section 3.3.1
/// </code>
/// </summary>
internal readonly ref struct DataChunk
{
    internal const int HeaderLength = 16;
    internal const byte EndFlag = 1;
    internal const byte BeginFlag = 2;
    internal const byte UnorderedFlag = 4;
    internal const byte ImmediateFlag = 8;

    internal byte Flags { get; init; }

    internal uint Tsn { get; init; }

    internal ushort StreamId { get; init; }

    internal ushort Ssn { get; init; }

    internal uint Ppid { get; init; }

    internal ReadOnlySpan<byte> Data { get; init; }

    internal bool IsEnd => (Flags & EndFlag) != 0;

    internal bool IsBegin => (Flags & BeginFlag) != 0;

    internal bool IsUnordered => (Flags & UnorderedFlag) != 0;

    internal bool IsImmediate => (Flags & ImmediateFlag) != 0;

    /// <summary>A chunk without user data does not parse: it must be answered with an ABORT (RFC 9260 section 6.2), which the caller decides.</summary>
    internal static bool TryParse(TypedValue chunk, out DataChunk data)
    {
        data = default;
        if (chunk.Whole.Length <= HeaderLength) return false;
        var value = chunk.Value;
        data = new DataChunk
        {
            Flags = chunk.Flags,
            Tsn = BinaryPrimitives.ReadUInt32BigEndian(value),
            StreamId = BinaryPrimitives.ReadUInt16BigEndian(value[4..]),
            Ssn = BinaryPrimitives.ReadUInt16BigEndian(value[6..]),
            Ppid = BinaryPrimitives.ReadUInt32BigEndian(value[8..]),
            Data = value[12..],
        };
        return true;
    }

    /// <summary>Writes the chunk with its padding and returns the length.</summary>
    internal int Write(Span<byte> destination)
    {
        var length = HeaderLength + Data.Length;
        destination[0] = (byte)ChunkType.Data;
        destination[1] = Flags;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)length);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Tsn);
        BinaryPrimitives.WriteUInt16BigEndian(destination[8..], StreamId);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], Ssn);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Ppid);
        Data.CopyTo(destination[HeaderLength..]);
        var padded = ChunkWriter.Padded(length);
        destination[length..padded].Clear();
        return padded;
    }
}
