using System.Runtime.CompilerServices;

namespace JitsiMesh.Rtp;

/// <summary>
/// One packet's dependency descriptor (AV1 RTP payload specification, appendix A), parsed against the current structure. Used for AV1 and for any
/// other codec whose sender adds it; the payload is not needed.
/// </summary>
public struct Av1DependencyDescriptor
{
    public const string Uri = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

    private Indications _indications;
    private Diffs _diffs;
    private Diffs _chains;

    internal int StructureBitOffset;
    internal int ActiveMaskBitOffset;
    internal int DefinitionBitOffset;
    internal int EndBitOffset;

    /// <summary>The first packet of a frame.</summary>
    public bool IsFrameStart { get; internal set; }

    /// <summary>The last packet of a frame.</summary>
    public bool IsFrameEnd { get; internal set; }

    public int TemplateId { get; internal set; }

    public ushort FrameNumber { get; internal set; }

    public int SpatialId { get; internal set; }

    public int TemporalId { get; internal set; }

    /// <summary>The structure that the frame refers to: its own, or the last one before.</summary>
    public Av1TemplateStructure Structure { get; internal set; }

    /// <summary>The descriptor contains a structure.</summary>
    public bool HasAttachedStructure { get; internal set; }

    /// <summary>The descriptor contains the active decode targets; without them the previous ones remain in force.</summary>
    public bool HasActiveDecodeTargets { get; internal set; }

    /// <summary>The active decode targets, if this descriptor defines them: its own mask, all with a new structure, otherwise null.</summary>
    public uint? ActiveDecodeTargets { get; internal set; }

    public int FrameDiffCount { get; internal set; }

    public int ChainDiffCount { get; internal set; }

    /// <summary>A structure is attached and the frame refers to no other: decoding can start here.</summary>
    public readonly bool IsKeyframe => HasAttachedStructure && FrameDiffCount == 0;

    public readonly DecodeTargetIndication GetIndication(int decodeTarget) => (DecodeTargetIndication)_indications[decodeTarget];

    /// <summary>The distance to a referenced frame, in frame numbers.</summary>
    public readonly int GetFrameDiff(int index) => _diffs[index];

    /// <summary>The distance to the previous frame of a chain; 0: this frame starts it.</summary>
    public readonly int GetChainDiff(int chain) => _chains[chain];

    internal void SetIndication(int decodeTarget, DecodeTargetIndication value) => _indications[decodeTarget] = (byte)value;

    internal void SetFrameDiff(int index, int value) => _diffs[index] = (ushort)value;

    internal void SetChainDiff(int index, int value) => _chains[index] = (ushort)value;

    [InlineArray(RtpLimits.MaxDecodeTargets)]
    private struct Indications
    {
        private byte _first;
    }

    [InlineArray(RtpLimits.MaxDecodeTargets)]
    private struct Diffs
    {
        private ushort _first;
    }
}

public enum DependencyDescriptorResult
{
    Ok,
    Malformed,

    /// <summary>The frame refers to unknown templates: wait for the next structure.</summary>
    UnknownStructure,
}
