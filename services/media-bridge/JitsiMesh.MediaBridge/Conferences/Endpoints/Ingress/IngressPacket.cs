using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>How the frames of a packet are told apart, which decides who projects it.</summary>
internal enum FrameDescription : byte
{
    /// <summary>By timestamp and marker alone, with keyframes found where the codec is known.</summary>
    Generic,
    Vp8,
    Vp9,

    /// <summary>Dependency descriptor: AV1, or any codec that is described so.</summary>
    Descriptor,
}

/// <summary>
/// One authenticated packet, read once for all its receivers: retransmission format undone, padding gone, sequence number extended and closed
/// over discarded padding. The spans live as long as the receive buffer.
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

    /// <summary>RFC 6464 byte as it came; -1 without.</summary>
    public int AudioLevel;

    /// <summary>The urn:3gpp:video-orientation byte; -1 without.</summary>
    public int Orientation;

    /// <summary>The dependency descriptor as it came; empty without.</summary>
    public ReadOnlySpan<byte> Descriptor;

    // Video only from here on.
    public VideoEncoding? Encoding;
    public FrameDescription Description;

    /// <summary>The sequence number is above all before it on this encoding.</summary>
    public bool InOrder;

    /// <summary>Numbers missing right before it, when <see cref="InOrder"/>.</summary>
    public int Gap;
    public VideoFrame? Frame;

    /// <summary>The frame that held the highest number before this packet.</summary>
    public VideoFrame? PreviousFrame;
    public bool FrameStart;
    public bool FrameEnd;

    /// <summary>The first packet of a keyframe.</summary>
    public bool KeyframeStart;
    public Vp8Descriptor Vp8;
    public Vp9Descriptor Vp9;
    public Av1DependencyDescriptor DescriptorFields;

    /// <summary>Where the packet is kept for retransmission, see <see cref="PacketRing"/>.</summary>
    public long RingPosition;
}
