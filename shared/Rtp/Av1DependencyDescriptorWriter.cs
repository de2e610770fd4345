namespace JitsiMesh.Rtp;

/// <summary>Writes a modified copy of a descriptor, for a projection.</summary>
public static class Av1DependencyDescriptorWriter
{
    /// <summary>The maximum growth of a rewritten descriptor: five flags and 32 mask bits, and up to seven bits of padding.</summary>
    public const int MaxGrowth = 6;

    private const int MandatoryBits = 24;
    private const int FlagBits = 5;

    /// <summary>
    /// Copies <paramref name="source"/>, which <paramref name="parsed"/> was read from, with another frame number, template ids shifted by
    /// <paramref name="templateIdDelta"/> (mod 64; the attached structure's offset too), and, when given, another mask of active decode targets,
    /// which is inserted if the source had none.
    /// </summary>
    /// <returns>False when the destination is too small: it needs the source's length plus <see cref="MaxGrowth"/>.</returns>
    public static bool TryRewrite(
        ReadOnlySpan<byte> source, in Av1DependencyDescriptor parsed, ushort frameNumber, int templateIdDelta, uint? activeDecodeTargets, Span<byte> destination, out int written)
    {
        written = 0;
        var reader = new BitReader(source);
        var writer = new BitWriter(destination);
        var extended = source.Length > 3;

        writer.WriteBits(reader.ReadBits(2), 2);
        writer.WriteBits((uint)(parsed.TemplateId + templateIdDelta) & 63, 6);
        writer.WriteBits(frameNumber, 16);
        reader.ReadBits(MandatoryBits - 2);

        var writeMask = activeDecodeTargets is not null || parsed.HasActiveDecodeTargets;
        if (extended || writeMask)
        {
            writer.WriteBits(parsed.HasAttachedStructure ? 1u : 0, 1);
            writer.WriteBits(writeMask ? 1u : 0, 1);
            if (extended) reader.ReadBits(2);
            writer.WriteBits(extended ? reader.ReadBits(FlagBits - 2) : 0, FlagBits - 2);
        }

        if (parsed.HasAttachedStructure)
        {
            writer.WriteBits((reader.ReadBits(6) + (uint)templateIdDelta) & 63, 6);
            writer.Copy(ref reader, parsed.ActiveMaskBitOffset - reader.Position);
        }

        if (writeMask)
        {
            var count = parsed.Structure.DecodeTargets.Count;
            var present = parsed.HasActiveDecodeTargets ? reader.ReadBits(count) : 0;
            writer.WriteBits(activeDecodeTargets ?? present, count);
        }

        if (extended) writer.Copy(ref reader, parsed.EndBitOffset - parsed.DefinitionBitOffset);
        if (writer.Failed) return false;
        written = (writer.Position + 7) / 8;
        if (writer.Position % 8 != 0) destination[written - 1] &= (byte)(0xFF << (8 - (writer.Position % 8)));
        return true;
    }
}
