using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>How the frames of a packet are identified, which selects the projection.</summary>
internal enum FrameDescription : byte
{
    /// <summary>By timestamp and marker alone; keyframes are found if the codec is known.</summary>
    Generic,
    Vp8,
    Vp9,

    /// <summary>Dependency descriptor: AV1, or any codec with descriptors.</summary>
    Descriptor,
}

/// <summary>
/// One authenticated packet, parsed once for all its receivers: retransmission format undone, padding removed, sequence number extended, gaps of discarded padding closed. The
/// spans are valid as long as the receive buffer.
/// </summary>
internal ref struct IngressPacket
{
    public ReadOnlySpan<byte> Payload;
    public byte PayloadType;
    public Codec Codec;
    public bool Marker;
    public uint Timestamp;
    public long Sequence;
    public MonotonicTime Arrival;

    /// <summary>The RFC 6464 byte as received; -1: none.</summary>
    public int AudioLevel;

    /// <summary>The urn:3gpp:video-orientation byte; -1: none.</summary>
    public int Orientation;

    /// <summary>The dependency descriptor as received; empty: none.</summary>
    public ReadOnlySpan<byte> Descriptor;

    // Video only from here on.
    public VideoEncoding? Encoding;
    public FrameDescription Description;

    /// <summary>The sequence number is higher than all earlier ones of this encoding.</summary>
    public bool InOrder;

    /// <summary>Numbers missing right before it, when <see cref="InOrder"/>.</summary>
    public int Gap;
    public VideoFrame? Frame;

    /// <summary>The frame with the highest number before this packet.</summary>
    public VideoFrame? PreviousFrame;
    public bool FrameStart;
    public bool FrameEnd;

    /// <summary>The first packet of a keyframe.</summary>
    public bool KeyframeStart;
    public Vp8Descriptor Vp8;
    public Vp9Descriptor Vp9;
    public Av1DependencyDescriptor DescriptorFields;

    /// <summary>The position of the packet in the <see cref="PacketRing"/>, for retransmission.</summary>
    public long RingPosition;
}
