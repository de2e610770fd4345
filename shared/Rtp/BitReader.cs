namespace JitsiMesh.Rtp;

/// <summary>Reads bits, most significant first. Past the end it returns zeroes and sets <see cref="Failed"/>.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;

    /// <summary>In bits.</summary>
    public int Position { get; private set; }

    public bool Failed { get; private set; }

    public readonly int Remaining => (_data.Length * 8) - Position;

    public bool ReadBit() => ReadBits(1) != 0;

    public uint ReadBits(int count)
    {
        if (Failed || count > Remaining)
        {
            Failed = true;
            return 0;
        }

        uint value = 0;
        for (var i = 0; i < count; i++, Position++) value = (value << 1) | (uint)((_data[Position >> 3] >> (7 - (Position & 7))) & 1);
        return value;
    }

    /// <summary>ns(n): a number in 0..n-1 with the short codes first (AV1 specification section 4.10.7).</summary>
    public uint ReadNonSymmetric(uint n)
    {
        if (n <= 1) return 0;
        var width = 32 - System.Numerics.BitOperations.LeadingZeroCount(n);
        var shortCodes = (1u << width) - n;
        var value = ReadBits(width - 1);
        if (value < shortCodes) return value;
        return (value << 1) - shortCodes + ReadBits(1);
    }
}

/// <summary>Writes bits, most significant first, into a cleared span.</summary>
internal ref struct BitWriter(Span<byte> data)
{
    private readonly Span<byte> _data = data;

    /// <summary>In bits.</summary>
    public int Position { get; private set; }

    public bool Failed { get; private set; }

    public void WriteBits(uint value, int count)
    {
        if (count > (_data.Length * 8) - Position)
        {
            Failed = true;
            return;
        }

        for (var i = count - 1; i >= 0; i--, Position++)
        {
            var mask = (byte)(0x80 >> (Position & 7));
            if (((value >> i) & 1) != 0) _data[Position >> 3] |= mask;
            else _data[Position >> 3] &= (byte)~mask;
        }
    }

    public void Copy(ref BitReader source, int count)
    {
        for (; count > 0; count -= 32) WriteBits(source.ReadBits(Math.Min(32, count)), Math.Min(32, count));
    }

    public void WriteNonSymmetric(uint value, uint n)
    {
        if (n <= 1) return;
        var width = 32 - System.Numerics.BitOperations.LeadingZeroCount(n);
        var shortCodes = (1u << width) - n;
        if (value < shortCodes) WriteBits(value, width - 1);
        else WriteBits(value + shortCodes, width);
    }
}
