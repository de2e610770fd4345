using System.Buffers.Binary;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>
/// Builds a packet for one receiver from the source's parts and the rewritten numbers. Of the sender's header extensions only audio level, video orientation and the dependency
/// descriptor are forwarded, under the receiver's ids; mid and the transport-wide number are the receiver's own.
/// </summary>
internal static class PacketComposer
{
    /// <summary>Marks a packet without a transport-wide number.</summary>
    public const int NoTransportSequence = -1;

    /// <returns>The packet's length; 0 when it does not fit.</returns>
    public static int Audio(Span<byte> destination, in IngressPacket packet, in PacketNumbers numbers, EgressStream stream, EndpointFormats formats, bool stampMid)
    {
        var header = RtpHeaderBuilder.New(destination, packet.PayloadType, numbers.Marker, numbers.Sequence, numbers.Timestamp, stream.Ssrc);
        if (packet.AudioLevel >= 0 && formats.AudioLevelId != 0)
        {
            ReadOnlySpan<byte> level = [(byte)packet.AudioLevel];
            header.TryAdd(formats.AudioLevelId, level);
        }

        if (stampMid && stream.MidBytes is not null && formats.MidId != 0) header.TryAdd(formats.MidId, stream.MidBytes);
        var length = header.Finish();
        if (length + packet.Payload.Length > destination.Length) return 0;
        packet.Payload.CopyTo(destination[length..]);
        return length + packet.Payload.Length;
    }

    /// <returns>The packet's length; 0 when it does not fit.</returns>
    public static int Video(Span<byte> destination, in VideoPacket packet, EgressStream stream, EndpointFormats formats, bool stampMid, int transportSequence, MonotonicTime now)
    {
        var numbers = packet.Numbers;
        var isRtx = packet.RtxPayloadType != 0;
        var header = isRtx
            ? RtpHeaderBuilder.New(destination, packet.RtxPayloadType, numbers.Marker, packet.RtxSequence, numbers.Timestamp, stream.RtxSsrc)
            : RtpHeaderBuilder.New(destination, packet.PayloadType, numbers.Marker, numbers.Sequence, numbers.Timestamp, stream.Ssrc);
        AddNetworkExtensions(ref header, stream, formats, stampMid, transportSequence, now);
        if (packet.Orientation >= 0 && formats.OrientationId != 0)
        {
            ReadOnlySpan<byte> orientation = [(byte)packet.Orientation];
            header.TryAdd(formats.OrientationId, orientation);
        }

        if (!packet.Descriptor.IsEmpty && formats.DescriptorId != 0) AddDescriptor(ref header, packet, formats.DescriptorId);
        var length = header.Finish();
        if (length + (isRtx ? RtxPacket.OsnLength : 0) + packet.Payload.Length > destination.Length) return 0;
        if (isRtx)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[length..], numbers.Sequence);
            length += RtxPacket.OsnLength;
        }

        var payload = destination.Slice(length, packet.Payload.Length);
        packet.Payload.CopyTo(payload);
        if (numbers.RewritesPicture) RewritePicture(payload, packet.Codec, numbers);
        return length + payload.Length;
    }

    /// <summary>A padding-only packet, to measure capacity.</summary>
    public static int Padding(Span<byte> destination, byte payloadType, ushort sequence, uint timestamp, uint ssrc, int paddingBytes, EndpointFormats formats, int transportSequence)
    {
        var header = RtpHeaderBuilder.New(destination, payloadType, false, sequence, timestamp, ssrc);
        if (transportSequence >= 0)
        {
            Span<byte> value = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(value, (ushort)transportSequence);
            header.TryAdd(formats.TransportSequenceId, value);
        }

        var length = header.Finish();
        destination[0] |= 0x20;
        var padding = destination.Slice(length, paddingBytes);
        padding.Clear();
        padding[^1] = (byte)paddingBytes;
        return length + paddingBytes;
    }

    private static void AddNetworkExtensions(ref RtpHeaderBuilder header, EgressStream stream, EndpointFormats formats, bool stampMid, int transportSequence, MonotonicTime now)
    {
        if (transportSequence >= 0)
        {
            Span<byte> value = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(value, (ushort)transportSequence);
            header.TryAdd(formats.TransportSequenceId, value);
        }
        else if (formats.AbsSendTimeId != 0 && !formats.UsesTransportCc)
        {
            Span<byte> value = stackalloc byte[AbsSendTime.Length];
            AbsSendTime.Write(value, now);
            header.TryAdd(formats.AbsSendTimeId, value);
        }

        if (stampMid && stream.MidBytes is not null && formats.MidId != 0) header.TryAdd(formats.MidId, stream.MidBytes);
    }

    private static void AddDescriptor(ref RtpHeaderBuilder header, in VideoPacket packet, int id)
    {
        var numbers = packet.Numbers;
        if (!numbers.RewritesDescriptor || packet.Structure is null
            || Av1DependencyDescriptorReader.Parse(packet.Descriptor, packet.Structure, out var fields) != DependencyDescriptorResult.Ok)
        {
            header.TryAdd(id, packet.Descriptor);
            return;
        }

        Span<byte> rewritten = stackalloc byte[256];
        uint? mask = numbers.ActiveDecodeTargets == 0 ? null : numbers.ActiveDecodeTargets;
        if (Av1DependencyDescriptorWriter.TryRewrite(packet.Descriptor, fields, numbers.FrameNumber, numbers.TemplateShift, mask, rewritten, out var written))
        {
            header.TryAdd(id, rewritten[..written]);
        }
    }

    private static void RewritePicture(Span<byte> payload, Codec codec, in PacketNumbers numbers)
    {
        if (codec == Codec.Vp8 && Vp8Descriptor.TryParse(payload, out var vp8))
        {
            vp8.RewritePictureId(payload, numbers.PictureId);
            vp8.RewriteTl0PictureIndex(payload, numbers.Tl0PictureIndex);
        }
        else if (codec == Codec.Vp9 && Vp9Descriptor.TryParse(payload, out var vp9))
        {
            vp9.RewritePictureId(payload, numbers.PictureId);
            vp9.RewriteTl0PictureIndex(payload, numbers.Tl0PictureIndex);
        }
    }
}

/// <summary>The parts of a video packet, from the input or from the ring.</summary>
internal ref struct VideoPacket
{
    public ReadOnlySpan<byte> Payload;
    public ReadOnlySpan<byte> Descriptor;
    public Av1TemplateStructure? Structure;
    public int Orientation;
    public byte PayloadType;
    public Codec Codec;
    public PacketNumbers Numbers;

    /// <summary>If not 0, the packet is sent as a retransmission with this payload type.</summary>
    public byte RtxPayloadType;
    public ushort RtxSequence;
}
