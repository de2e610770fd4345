using System.Buffers.Binary;

namespace JitsiMesh.Primitives;

/// <summary>
/// Reads network-order fields from untrusted bytes. Reading past the end sets <see cref="Failed"/> and returns zeroes; it never throws,
/// so a parser reads a whole structure and checks once.
/// </summary>
public ref struct SpanReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;

    public int Position { get; private set; }

    public bool Failed { get; private set; }

    public readonly int Remaining => Failed ? 0 : _data.Length - Position;

    public byte ReadByte() => Take(1, out var span) ? span[0] : (byte)0;

    public ushort ReadUInt16() => Take(2, out var span) ? BinaryPrimitives.ReadUInt16BigEndian(span) : (ushort)0;

    public uint ReadUInt24() => Take(3, out var span) ? (uint)((span[0] << 16) | (span[1] << 8) | span[2]) : 0;

    public uint ReadUInt32() => Take(4, out var span) ? BinaryPrimitives.ReadUInt32BigEndian(span) : 0;

    public ulong ReadUInt64() => Take(8, out var span) ? BinaryPrimitives.ReadUInt64BigEndian(span) : 0;

    public ReadOnlySpan<byte> ReadBytes(int count) => Take(count, out var span) ? span : default;

    public void Skip(int count) => Take(count, out _);

    private bool Take(int count, out ReadOnlySpan<byte> span)
    {
        if (Failed || count < 0 || count > _data.Length - Position)
        {
            Failed = true;
            span = default;
            return false;
        }

        span = _data.Slice(Position, count);
        Position += count;
        return true;
    }
}
