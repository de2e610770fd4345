namespace JitsiMesh.Rtp;

/// <summary>Reads the size of the picture from a sequence parameter set (ITU-T H.264, sections 7.3.2.1.1 and 7.4.2.1.1).</summary>
public static class H264SequenceParameters
{
    /// <summary>Longer ones are not parsed; encoders of calls send about twenty bytes.</summary>
    private const int MaxLength = 256;

    private const int Monochrome = 0;
    private const int FullChroma = 3;

    /// <param name="unit">The NAL unit with its header byte.</param>
    /// <param name="width">In pixels, without cropping.</param>
    /// <param name="height">In pixels, without cropping.</param>
    /// <returns>False when it is truncated, uses features that no encoder of calls uses, or gives no plausible size.</returns>
    public static bool TryReadSize(ReadOnlySpan<byte> unit, out int width, out int height)
    {
        width = height = 0;
        if (unit.Length is < 5 or > MaxLength) return false;
        Span<byte> plain = stackalloc byte[MaxLength];
        var reader = new BitReader(plain[..Unescape(unit[1..], plain)]);
        var profile = reader.ReadBits(8);
        reader.ReadBits(16);
        ReadUnsigned(ref reader);
        var chroma = 1u;
        if (HasChromaFormat(profile) && !ReadChroma(ref reader, out chroma)) return false;

        ReadUnsigned(ref reader);
        if (!SkipPictureOrder(ref reader)) return false;
        ReadUnsigned(ref reader);
        reader.ReadBits(1);
        var macroblocksWide = ReadUnsigned(ref reader) + 1L;
        var unitsTall = ReadUnsigned(ref reader) + 1L;
        var framesOnly = reader.ReadBit();
        if (!framesOnly) reader.ReadBits(1);
        reader.ReadBits(1);
        long left = 0, right = 0, top = 0, bottom = 0;
        if (reader.ReadBit())
        {
            left = ReadUnsigned(ref reader);
            right = ReadUnsigned(ref reader);
            top = ReadUnsigned(ref reader);
            bottom = ReadUnsigned(ref reader);
        }

        if (reader.Failed) return false;
        var horizontal = chroma is Monochrome or FullChroma ? 1 : 2;
        var vertical = (chroma == 1 ? 2 : 1) * (framesOnly ? 1 : 2);
        var wide = (macroblocksWide * 16) - (horizontal * (left + right));
        var tall = (unitsTall * 16 * (framesOnly ? 1 : 2)) - (vertical * (top + bottom));
        if (wide is < 1 or > ushort.MaxValue || tall is < 1 or > ushort.MaxValue) return false;
        (width, height) = ((int)wide, (int)tall);
        return true;
    }

    private static bool HasChromaFormat(uint profile) => profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static bool ReadChroma(ref BitReader reader, out uint chroma)
    {
        chroma = ReadUnsigned(ref reader);
        if (chroma == FullChroma) reader.ReadBits(1);
        ReadUnsigned(ref reader);
        ReadUnsigned(ref reader);
        reader.ReadBits(1);

        // Scaling matrices are not used in calls.
        return !reader.ReadBit() && chroma <= FullChroma;
    }

    private static bool SkipPictureOrder(ref BitReader reader)
    {
        switch (ReadUnsigned(ref reader))
        {
            case 0:
                ReadUnsigned(ref reader);
                return true;
            case 1:
                reader.ReadBits(1);
                ReadUnsigned(ref reader);
                ReadUnsigned(ref reader);
                var cycle = ReadUnsigned(ref reader);
                for (var i = 0u; i < cycle && !reader.Failed; i++) ReadUnsigned(ref reader);
                return !reader.Failed;
            case 2:
                return true;
            default:
                return false;
        }
    }

    /// <summary>ue(v), and se(v) where only its length matters (section 9.1).</summary>
    private static uint ReadUnsigned(ref BitReader reader)
    {
        var zeroes = 0;
        while (!reader.Failed && zeroes < 32 && !reader.ReadBit()) zeroes++;
        return zeroes >= 32 ? 0 : (uint)((1L << zeroes) - 1 + reader.ReadBits(zeroes));
    }

    /// <summary>Removes the emulation prevention bytes (section 7.4.1).</summary>
    private static int Unescape(ReadOnlySpan<byte> escaped, Span<byte> plain)
    {
        int length = 0, zeroes = 0;
        foreach (var value in escaped)
        {
            if (zeroes >= 2 && value == 3)
            {
                zeroes = 0;
                continue;
            }

            zeroes = value == 0 ? zeroes + 1 : 0;
            plain[length++] = value;
        }

        return length;
    }
}
