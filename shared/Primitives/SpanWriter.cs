using System.Buffers.Binary;

namespace JitsiMesh.Primitives;

/// <summary>Writes network-order fields into a span. Writing past the end is a bug of the caller, so it throws.</summary>
public ref struct SpanWriter(Span<byte> data)
{
    private readonly Span<byte> _data = data;

    public int Position { get; private set; }

    public readonly int Remaining => _data.Length - Position;

    public readonly Span<byte> Written => _data[..Position];

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);

    public void WriteUInt24(uint value)
    {
        var span = Take(3);
        span[0] = (byte)(value >> 16);
        span[1] = (byte)(value >> 8);
        span[2] = (byte)value;
    }

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void WriteZeroes(int count) => Take(count).Clear();

    private Span<byte> Take(int count)
    {
        var span = _data.Slice(Position, count);
        Position += count;
        return span;
    }
}
