using System.Buffers.Binary;

namespace JitsiMesh.Sctp.Wire;

/// <summary>
/// Walks over chunks, parameters or error causes: all three are type (one or two octets), length without padding, value, padding to four octets.
/// <code>
///  chunk:      type (8)  | flags (8) | length (16) | value ...     RFC 9260 section 3.2
///  parameter:  type (16)             | length (16) | value ...     RFC 9260 section 3.2.1
/// </code>
/// </summary>
internal ref struct ChunkReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    /// <summary>True when the rest is not a complete element.</summary>
    internal bool Failed { get; private set; }

    internal bool TryRead(out TypedValue element)
    {
        element = default;
        if (_rest.IsEmpty || Failed) return false;
        if (_rest.Length < 4)
        {
            Failed = true;
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (length < 4 || length > _rest.Length)
        {
            Failed = true;
            return false;
        }

        element = new TypedValue(_rest[..length]);
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }
}

/// <summary>One chunk, parameter or cause with its head.</summary>
internal readonly ref struct TypedValue(ReadOnlySpan<byte> whole)
{
    internal ReadOnlySpan<byte> Whole { get; } = whole;

    internal ChunkType ChunkType => (ChunkType)Whole[0];

    internal byte Flags => Whole[1];

    internal ushort ParameterType => BinaryPrimitives.ReadUInt16BigEndian(Whole);

    internal ReadOnlySpan<byte> Value => Whole[4..];
}
