using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>
/// The VP8 payload descriptor (RFC 7741 section 4.2) with the offsets of its fields, so that they can be rewritten in place:
/// <code>
///  |X|R|N|S|R| PID | (required)
///  |I|L|T|K| RSV   | (if X)
///  |M| PictureID   | (if I; 15 bits when M is set)
///  |   TL0PICIDX   | (if L)
///  |TID|Y| KEYIDX  | (if T or K)
/// </code>
/// </summary>
public readonly record struct Vp8Descriptor
{
    private const byte Absent = 0;
    private readonly byte _pictureIdOffset;
    private readonly byte _tl0Offset;
    private readonly byte _tidOffset;

    private Vp8Descriptor(ReadOnlySpan<byte> payload, int length, byte pictureIdOffset, byte tl0Offset, byte tidOffset, byte flags)
    {
        Length = length;
        _pictureIdOffset = pictureIdOffset;
        _tl0Offset = tl0Offset;
        _tidOffset = tidOffset;
        NonReference = (payload[0] & 0x20) != 0;
        IsPartitionStart = (payload[0] & 0x10) != 0;
        PartitionIndex = payload[0] & 0x07;
        if (pictureIdOffset != Absent)
        {
            IsPictureId15Bits = (payload[pictureIdOffset] & 0x80) != 0;
            PictureId = (ushort)(IsPictureId15Bits ? BinaryPrimitives.ReadUInt16BigEndian(payload[pictureIdOffset..]) & 0x7FFF : payload[pictureIdOffset]);
        }

        if (tl0Offset != Absent) Tl0PictureIndex = payload[tl0Offset];
        if (tidOffset != Absent)
        {
            HasTemporalId = (flags & 0x20) != 0;
            HasKeyIndex = (flags & 0x10) != 0;
            if (HasTemporalId)
            {
                TemporalId = payload[tidOffset] >> 6;
                LayerSync = (payload[tidOffset] & 0x20) != 0;
            }

            if (HasKeyIndex) KeyIndex = payload[tidOffset] & 0x1F;
        }
    }

    /// <summary>Bytes of the descriptor; the VP8 payload follows.</summary>
    public int Length { get; }

    /// <summary>N: no other frame depends on this one, so it can be dropped.</summary>
    public bool NonReference { get; }

    /// <summary>S: the first packet of a partition.</summary>
    public bool IsPartitionStart { get; }

    public int PartitionIndex { get; }

    /// <summary>The first packet of a frame: start of partition 0.</summary>
    public bool IsFrameStart => IsPartitionStart && PartitionIndex == 0;

    public bool HasPictureId => _pictureIdOffset != Absent;

    public bool IsPictureId15Bits { get; }

    public ushort PictureId { get; }

    public bool HasTl0PictureIndex => _tl0Offset != Absent;

    public byte Tl0PictureIndex { get; }

    public bool HasTemporalId { get; }

    public int TemporalId { get; }

    /// <summary>Y: the frame depends only on base layer frames, so a receiver may switch up here.</summary>
    public bool LayerSync { get; }

    public bool HasKeyIndex { get; }

    public int KeyIndex { get; }

    public static bool TryParse(ReadOnlySpan<byte> payload, out Vp8Descriptor descriptor)
    {
        descriptor = default;
        if (payload.IsEmpty) return false;
        var position = 1;
        byte pictureId = Absent, tl0 = Absent, tid = Absent, flags = 0;
        if ((payload[0] & 0x80) != 0)
        {
            if (payload.Length < 2) return false;
            flags = payload[position++];
            if ((flags & 0x80) != 0)
            {
                if (payload.Length <= position) return false;
                pictureId = (byte)position;
                position += (payload[position] & 0x80) != 0 ? 2 : 1;
            }

            if ((flags & 0x40) != 0) tl0 = (byte)position++;
            if ((flags & 0x30) != 0) tid = (byte)position++;
        }

        if (payload.Length < position) return false;
        descriptor = new Vp8Descriptor(payload, position, pictureId, tl0, tid, flags);
        return true;
    }

    /// <summary>Whether the payload contains the first bytes of a keyframe: the P bit of the frame header is 0 (RFC 7741 section 4.3).</summary>
    public static bool IsKeyframeStart(ReadOnlySpan<byte> payload) =>
        TryParse(payload, out var descriptor) && descriptor.IsKeyframeStartOf(payload);

    /// <inheritdoc cref="IsKeyframeStart"/>
    public bool IsKeyframeStartOf(ReadOnlySpan<byte> payload) => IsFrameStart && payload.Length > Length && (payload[Length] & 0x01) == 0;

    /// <summary>Width and height from a keyframe's header (RFC 6386 section 9.1: tag, start code 9d 01 2a, 14 bits each with 2 bits of scale).</summary>
    public bool TryReadKeyframeSize(ReadOnlySpan<byte> payload, out int width, out int height)
    {
        width = height = 0;
        if (!IsKeyframeStartOf(payload) || payload.Length < Length + 10) return false;
        var header = payload[Length..];
        if (header[3] != 0x9D || header[4] != 0x01 || header[5] != 0x2A) return false;
        width = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) & 0x3FFF;
        height = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) & 0x3FFF;
        return true;
    }

    /// <summary>Overwrites the picture id, truncated to its width (7 or 15 bits); no effect when there is none.</summary>
    public void RewritePictureId(Span<byte> payload, ushort pictureId)
    {
        if (!HasPictureId) return;
        if (IsPictureId15Bits) BinaryPrimitives.WriteUInt16BigEndian(payload[_pictureIdOffset..], (ushort)(0x8000 | pictureId));
        else payload[_pictureIdOffset] = (byte)(pictureId & 0x7F);
    }

    /// <summary>Overwrites the TL0PICIDX; no effect when there is none.</summary>
    public void RewriteTl0PictureIndex(Span<byte> payload, byte index)
    {
        if (HasTl0PictureIndex) payload[_tl0Offset] = index;
    }

    /// <summary>Overwrites the KEYIDX (5 bits); no effect when there is none.</summary>
    public void RewriteKeyIndex(Span<byte> payload, int index)
    {
        if (HasKeyIndex) payload[_tidOffset] = (byte)((payload[_tidOffset] & 0xE0) | (index & 0x1F));
    }

    /// <summary>Writes a descriptor with all fields (6 bytes), as Chrome sends it.</summary>
    public static int WriteFull(Span<byte> payload, bool frameStart, bool nonReference, ushort pictureId, byte tl0PictureIndex, int temporalId, bool layerSync, int keyIndex)
    {
        payload[0] = (byte)(0x80 | (nonReference ? 0x20 : 0) | (frameStart ? 0x10 : 0));
        payload[1] = 0xF0;
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(0x8000 | pictureId));
        payload[4] = tl0PictureIndex;
        payload[5] = (byte)((temporalId << 6) | (layerSync ? 0x20 : 0) | (keyIndex & 0x1F));
        return 6;
    }
}
