using System.Buffers.Binary;

namespace JitsiMesh.Sctp.Wire;

/// <summary>Formats chunks that are not DATA, padded to four octets.</summary>
internal static class ChunkWriter
{
    internal static int Padded(int length) => (length + 3) & ~3;

    internal static byte[] Chunk(ChunkType type, byte flags, ReadOnlySpan<byte> value) =>
        Element((ushort)(((byte)type << 8) | flags), value);

    internal static byte[] Parameter(ushort type, ReadOnlySpan<byte> value) => Element(type, value);

    /// <summary>An ERROR or ABORT with one cause.</summary>
    internal static byte[] WithCause(ChunkType type, byte flags, ushort cause, ReadOnlySpan<byte> value)
    {
        // The chunk's length leaves the padding of its last cause out.
        var inner = Element(cause, value);
        return Chunk(type, flags, inner.AsSpan(0, 4 + value.Length));
    }

    private static byte[] Element(ushort head, ReadOnlySpan<byte> value)
    {
        var bytes = new byte[Padded(4 + value.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, head);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(4 + value.Length));
        value.CopyTo(bytes.AsSpan(4));
        return bytes;
    }
}
