using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace JitsiMesh.Rtp;

/// <summary>
/// The VP9 payload descriptor (RFC 9628 section 4.2) with the offsets of its fields:
/// <code>
///  |I|P|L|F|B|E|V|Z|
///  |M| PICTURE ID  |  (if I; 15 bits when M is set)
///  | TID |U| SID |D|  (if L)
///  |   TL0PICIDX   |  (if L and not F)
///  |   P_DIFF    |N|  (if P and F; up to three)
///  | scalability structure | (if V)
/// </code>
/// </summary>
public readonly record struct Vp9Descriptor
{
    private const byte Absent = 0;
    private readonly byte _flags;
    private readonly byte _pictureIdOffset;
    private readonly byte _tl0Offset;

    private Vp9Descriptor(ReadOnlySpan<byte> payload, byte pictureIdOffset, byte layerOffset, byte tl0Offset, int length, Vp9ScalabilityStructure? structure)
    {
        _flags = payload[0];
        _pictureIdOffset = pictureIdOffset;
        _tl0Offset = tl0Offset;
        Length = length;
        Structure = structure;
        if (pictureIdOffset != Absent)
        {
            IsPictureId15Bits = (payload[pictureIdOffset] & 0x80) != 0;
            PictureId = (ushort)(IsPictureId15Bits ? BinaryPrimitives.ReadUInt16BigEndian(payload[pictureIdOffset..]) & 0x7FFF : payload[pictureIdOffset]);
        }

        if (layerOffset != Absent)
        {
            var layer = payload[layerOffset];
            TemporalId = layer >> 5;
            IsSwitchingUpPoint = (layer & 0x10) != 0;
            SpatialId = (layer >> 1) & 7;
            InterLayerDependent = (layer & 1) != 0;
        }

        if (tl0Offset != Absent) Tl0PictureIndex = payload[tl0Offset];
    }

    public int Length { get; }

    public bool HasPictureId => (_flags & 0x80) != 0;

    /// <summary>P: the frame refers to earlier pictures of its layers.</summary>
    public bool InterPicturePredicted => (_flags & 0x40) != 0;

    public bool HasLayerIndices => (_flags & 0x20) != 0;

    public bool IsFlexible => (_flags & 0x10) != 0;

    /// <summary>B: the first packet of a layer frame.</summary>
    public bool IsFrameStart => (_flags & 0x08) != 0;

    /// <summary>E: the last packet of a layer frame.</summary>
    public bool IsFrameEnd => (_flags & 0x04) != 0;

    /// <summary>Z: no higher spatial layer refers to this frame.</summary>
    public bool NotReferenceForUpperLayers => (_flags & 0x01) != 0;

    public bool IsPictureId15Bits { get; }

    public ushort PictureId { get; }

    public int TemporalId { get; }

    /// <summary>U: temporal up-switching is possible from here.</summary>
    public bool IsSwitchingUpPoint { get; }

    public int SpatialId { get; }

    /// <summary>D: the frame refers to the layer below in the same picture.</summary>
    public bool InterLayerDependent { get; }

    public bool HasTl0PictureIndex => _tl0Offset != Absent;

    public byte Tl0PictureIndex { get; }

    /// <summary>The scalability structure, normally on the first packet of a keyframe.</summary>
    public Vp9ScalabilityStructure? Structure { get; }

    /// <summary>Whether it belongs to a key picture, which needs no earlier pictures (RFC 9628 section 3: "P equal to 0").</summary>
    public bool IsKeyPicture => !InterPicturePredicted;

    /// <summary>The first packet of a keyframe that decodes on its own: base spatial layer, not predicted.</summary>
    public bool IsKeyframeStart => IsFrameStart && !InterPicturePredicted && SpatialId == 0 && !InterLayerDependent;

    public static bool TryParse(ReadOnlySpan<byte> payload, out Vp9Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return false;
        var flags = payload[0];
        var position = 1;
        byte pictureId = Absent, layer = Absent, tl0 = Absent;
        if ((flags & 0x80) != 0)
        {
            if (payload.Length <= position) return false;
            pictureId = (byte)position;
            position += (payload[position] & 0x80) != 0 ? 2 : 1;
        }

        if ((flags & 0x20) != 0)
        {
            layer = (byte)position++;
            if ((flags & 0x10) == 0) tl0 = (byte)position++;
        }

        if ((flags & 0x50) == 0x50)
        {
            for (var i = 0; ; i++)
            {
                if (i == 3 || payload.Length <= position) return false;
                if ((payload[position++] & 1) == 0) break;
            }
        }

        Vp9ScalabilityStructure? structure = null;
        if ((flags & 0x02) != 0)
        {
            if (payload.Length < position || !Vp9ScalabilityStructure.TryParse(payload[position..], out var parsed, out var consumed)) return false;
            structure = parsed;
            position += consumed;
        }

        if (payload.Length < position) return false;
        descriptor = new Vp9Descriptor(payload, pictureId, layer, tl0, position, structure);
        return true;
    }

    /// <summary>Overwrites the picture id, truncated to its width; no effect when there is none.</summary>
    public void RewritePictureId(Span<byte> payload, ushort pictureId)
    {
        if (!HasPictureId) return;
        if (IsPictureId15Bits) BinaryPrimitives.WriteUInt16BigEndian(payload[_pictureIdOffset..], (ushort)(0x8000 | pictureId));
        else payload[_pictureIdOffset] = (byte)(pictureId & 0x7F);
    }

    public void RewriteTl0PictureIndex(Span<byte> payload, byte index)
    {
        if (HasTl0PictureIndex) payload[_tl0Offset] = index;
    }
}

/// <summary>
/// Scalability structure (RFC 9628 section 4.2.1): <c>|N_S(3)|Y|G|-|</c>, (N_S+1) x (width, height) if Y, and the picture group if G, which is
/// skipped: a bridge does not use it.
/// </summary>
public readonly record struct Vp9ScalabilityStructure
{
    private readonly Sizes _widths;
    private readonly Sizes _heights;

    private Vp9ScalabilityStructure(int layers, bool hasSizes, Sizes widths, Sizes heights, int pictures)
    {
        SpatialLayerCount = layers;
        HasSizes = hasSizes;
        _widths = widths;
        _heights = heights;
        PicturesInGroup = pictures;
    }

    public int SpatialLayerCount { get; }

    public bool HasSizes { get; }

    /// <summary>N_G; 0 when no picture group is described.</summary>
    public int PicturesInGroup { get; }

    public (int Width, int Height) GetSize(int spatialId) => (_widths[spatialId], _heights[spatialId]);

    internal static bool TryParse(ReadOnlySpan<byte> data, out Vp9ScalabilityStructure structure, out int consumed)
    {
        structure = default;
        consumed = 0;
        if (data.IsEmpty) return false;
        var layers = (data[0] >> 5) + 1;
        var hasSizes = (data[0] & 0x10) != 0;
        var hasGroup = (data[0] & 0x08) != 0;
        var position = 1;
        var widths = default(Sizes);
        var heights = default(Sizes);
        if (hasSizes)
        {
            if (data.Length < position + (4 * layers)) return false;
            for (var i = 0; i < layers; i++, position += 4)
            {
                widths[i] = BinaryPrimitives.ReadUInt16BigEndian(data[position..]);
                heights[i] = BinaryPrimitives.ReadUInt16BigEndian(data[(position + 2)..]);
            }
        }

        var pictures = 0;
        if (hasGroup)
        {
            if (data.Length <= position) return false;
            pictures = data[position++];
            for (var i = 0; i < pictures; i++)
            {
                if (data.Length <= position) return false;
                position += 1 + ((data[position] >> 2) & 3);
            }

            if (data.Length < position) return false;
        }

        structure = new Vp9ScalabilityStructure(layers, hasSizes, widths, heights, pictures);
        consumed = position;
        return true;
    }

    [InlineArray(8)]
    private struct Sizes
    {
        private ushort _first;
    }
}
