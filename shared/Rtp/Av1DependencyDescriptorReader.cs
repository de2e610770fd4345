namespace JitsiMesh.Rtp;

/// <summary>
/// Parses the dependency descriptors of one RTP stream (one SSRC), and keeps the structure that later frames refer to. Allocates only when a
/// structure arrives.
/// </summary>
public sealed class Av1DependencyDescriptorReader
{
    /// <summary>Earlier structures that late frames may still refer to.</summary>
    private const int StructuresKept = 3;

    /// <summary>A frame further back is not late: its sender has restarted the numbering.</summary>
    private const int MaxLateFrames = 1024;

    private readonly (Av1TemplateStructure? Structure, ushort Frame)[] _earlier = new (Av1TemplateStructure?, ushort)[StructuresKept];
    private int _nextEarlier;
    private ushort _structureFrame;
    private ushort _maskFrame;

    /// <summary>The newest structure; null before the first keyframe.</summary>
    public Av1TemplateStructure? Structure { get; private set; }

    /// <summary>The active decode targets; 0 before the first structure.</summary>
    public uint ActiveDecodeTargets { get; private set; }

    /// <summary>Parses a descriptor. If it contains a structure, that becomes the current one. A malformed descriptor has no effect.</summary>
    public DependencyDescriptorResult Read(ReadOnlySpan<byte> value, out Av1DependencyDescriptor descriptor)
    {
        var result = Parse(value, StructureFor(value), out descriptor);
        if (result != DependencyDescriptorResult.Ok) return result;
        if (descriptor.HasAttachedStructure)
        {
            // A late retransmission of an older keyframe must not restore its structure.
            if (Structure is null || Primitives.SequenceArithmetic.Distance(_structureFrame, descriptor.FrameNumber) >= 0)
            {
                if (Structure is not null)
                {
                    _earlier[_nextEarlier] = (Structure, _structureFrame);
                    _nextEarlier = (_nextEarlier + 1) % StructuresKept;
                }

                Structure = descriptor.Structure;
                _structureFrame = descriptor.FrameNumber;
            }
        }

        if (descriptor.ActiveDecodeTargets is not { } mask || !ReferenceEquals(Structure, descriptor.Structure)) return result;

        // Nor may a late frame re-enable decode targets that were disabled since.
        if (!descriptor.HasAttachedStructure && Primitives.SequenceArithmetic.Distance(_maskFrame, descriptor.FrameNumber) < 0) return result;
        ActiveDecodeTargets = mask;
        _maskFrame = descriptor.FrameNumber;
        return result;
    }

    /// <summary>Parses one descriptor against a given structure, without keeping state.</summary>
    public static DependencyDescriptorResult Parse(ReadOnlySpan<byte> value, Av1TemplateStructure? known, out Av1DependencyDescriptor descriptor)
    {
        descriptor = default;
        if (value.Length < 3) return DependencyDescriptorResult.Malformed;
        var reader = new BitReader(value);
        descriptor.IsFrameStart = reader.ReadBit();
        descriptor.IsFrameEnd = reader.ReadBit();
        descriptor.TemplateId = (int)reader.ReadBits(6);
        descriptor.FrameNumber = (ushort)reader.ReadBits(16);

        bool attached = false, active = false, customIndications = false, customDiffs = false, customChains = false;
        if (value.Length > 3)
        {
            attached = reader.ReadBit();
            active = reader.ReadBit();
            customIndications = reader.ReadBit();
            customDiffs = reader.ReadBit();
            customChains = reader.ReadBit();
        }

        descriptor.HasAttachedStructure = attached;
        descriptor.HasActiveDecodeTargets = active;
        descriptor.StructureBitOffset = reader.Position;
        var structure = known;
        if (attached)
        {
            if (!Av1TemplateStructure.TryRead(ref reader, out var read)) return DependencyDescriptorResult.Malformed;
            structure = read;
            descriptor.ActiveDecodeTargets = read.AllDecodeTargets;
        }

        if (structure is null) return DependencyDescriptorResult.UnknownStructure;
        descriptor.Structure = structure;
        descriptor.ActiveMaskBitOffset = reader.Position;
        if (active) descriptor.ActiveDecodeTargets = reader.ReadBits(structure.DecodeTargets.Count);
        descriptor.DefinitionBitOffset = reader.Position;

        if (!structure.TryGetTemplate(descriptor.TemplateId, out var template)) return DependencyDescriptorResult.UnknownStructure;
        descriptor.SpatialId = template.SpatialId;
        descriptor.TemporalId = template.TemporalId;
        for (var d = 0; d < structure.DecodeTargets.Count; d++)
        {
            descriptor.SetIndication(d, customIndications ? (DecodeTargetIndication)reader.ReadBits(2) : template.DecodeTargets[d]);
        }

        if (!ReadDiffs(ref reader, customDiffs, template, ref descriptor)) return DependencyDescriptorResult.Malformed;
        descriptor.ChainDiffCount = structure.ChainCount;
        for (var c = 0; c < structure.ChainCount; c++) descriptor.SetChainDiff(c, customChains ? (int)reader.ReadBits(8) : template.ChainDiffs[c]);
        descriptor.EndBitOffset = reader.Position;
        return reader.Failed ? DependencyDescriptorResult.Malformed : DependencyDescriptorResult.Ok;
    }

    /// <summary>The structure that applied to a frame: the newest of those that arrived with it or before it.</summary>
    private Av1TemplateStructure? StructureFor(ReadOnlySpan<byte> value)
    {
        if (Structure is null || value.Length < 3) return Structure;
        var frame = (ushort)((value[1] << 8) | value[2]);
        if (Primitives.SequenceArithmetic.Distance(_structureFrame, frame) is >= 0 or < -MaxLateFrames) return Structure;
        for (var back = 1; back <= StructuresKept; back++)
        {
            var (structure, first) = _earlier[(_nextEarlier - back + StructuresKept) % StructuresKept];
            if (structure is not null && Primitives.SequenceArithmetic.Distance(first, frame) >= 0) return structure;
        }

        return Structure;
    }

    private static bool ReadDiffs(ref BitReader reader, bool custom, Av1Template template, ref Av1DependencyDescriptor descriptor)
    {
        if (!custom)
        {
            for (var i = 0; i < template.FrameDiffs.Length; i++) descriptor.SetFrameDiff(i, template.FrameDiffs[i]);
            descriptor.FrameDiffCount = template.FrameDiffs.Length;
            return true;
        }

        var count = 0;
        while (true)
        {
            var size = (int)reader.ReadBits(2);
            if (size == 0) break;
            if (count == RtpLimits.MaxFrameDiffs) return false;
            descriptor.SetFrameDiff(count++, (int)reader.ReadBits(4 * size) + 1);
        }

        descriptor.FrameDiffCount = count;
        return !reader.Failed;
    }
}
