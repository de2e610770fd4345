using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

public enum RtxResult
{
    Ok,

    /// <summary>Fewer than two bytes of payload: padding sent to probe the path, not a retransmission.</summary>
    PaddingOnly,
    Malformed,

    /// <summary>The destination is too small.</summary>
    NoSpace,
}

/// <summary>Retransmission payload format (RFC 4588 section 4): the original sequence number (OSN) precedes the original payload.</summary>
public static class RtxPacket
{
    public const int OsnLength = 2;

    /// <summary>Writes a retransmission of <paramref name="original"/> (a plain packet with its extensions) into <paramref name="destination"/>. Padding is omitted.</summary>
    public static RtxResult Encapsulate(
        ReadOnlySpan<byte> original, Span<byte> destination, byte rtxPayloadType, uint rtxSsrc, ushort rtxSequenceNumber, out int written)
    {
        written = 0;
        if (!RtpPacketView.TryParse(original, out var packet)) return RtxResult.Malformed;
        var total = packet.HeaderLength + OsnLength + packet.Payload.Length;
        if (destination.Length < total) return RtxResult.NoSpace;

        var sequenceNumber = packet.SequenceNumber;
        packet.Payload.CopyTo(destination[(packet.HeaderLength + OsnLength)..]);
        packet.Data[..packet.HeaderLength].CopyTo(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[packet.HeaderLength..], sequenceNumber);
        destination[0] &= 0xDF;
        RtpHeaderWriter.SetPayloadType(destination, rtxPayloadType);
        RtpHeaderWriter.SetSequenceNumber(destination, rtxSequenceNumber);
        RtpHeaderWriter.SetSsrc(destination, rtxSsrc);
        written = total;
        return RtxResult.Ok;
    }

    /// <summary>Converts a plain RTX packet into the original one in place; padding is removed.</summary>
    public static RtxResult Decapsulate(Span<byte> buffer, int length, byte primaryPayloadType, uint primarySsrc, out int newLength)
    {
        newLength = 0;
        if ((uint)length > (uint)buffer.Length || !RtpPacketView.TryParse(buffer[..length], out var packet)) return RtxResult.Malformed;
        var payload = packet.Payload.Length;
        if (payload < OsnLength) return RtxResult.PaddingOnly;

        var header = packet.HeaderLength;
        var original = BinaryPrimitives.ReadUInt16BigEndian(buffer[header..]);
        buffer.Slice(header + OsnLength, payload - OsnLength).CopyTo(buffer[header..]);
        buffer[0] &= 0xDF;
        RtpHeaderWriter.SetPayloadType(buffer, primaryPayloadType);
        RtpHeaderWriter.SetSequenceNumber(buffer, original);
        RtpHeaderWriter.SetSsrc(buffer, primarySsrc);
        newLength = header + payload - OsnLength;
        return RtxResult.Ok;
    }

    /// <summary>The original sequence number of a plain RTX packet.</summary>
    public static bool TryReadOriginalSequenceNumber(scoped in RtpPacketView packet, out ushort original)
    {
        original = 0;
        if (packet.Payload.Length < OsnLength) return false;
        original = BinaryPrimitives.ReadUInt16BigEndian(packet.Payload);
        return true;
    }
}
