using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>Modifies fields of a packet in place. The packet must have been parsed before: nothing is checked again.</summary>
public static class RtpHeaderWriter
{
    public static void SetMarker(Span<byte> packet, bool marker) => packet[1] = (byte)((packet[1] & 0x7F) | (marker ? 0x80 : 0));

    public static void SetPayloadType(Span<byte> packet, byte payloadType) => packet[1] = (byte)((packet[1] & 0x80) | (payloadType & 0x7F));

    public static void SetSequenceNumber(Span<byte> packet, ushort sequenceNumber) => BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequenceNumber);

    public static void SetTimestamp(Span<byte> packet, uint timestamp) => BinaryPrimitives.WriteUInt32BigEndian(packet[4..], timestamp);

    public static void SetSsrc(Span<byte> packet, uint ssrc) => BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);

    public static void Set(Span<byte> packet, ushort sequenceNumber, uint timestamp, uint ssrc)
    {
        SetSequenceNumber(packet, sequenceNumber);
        SetTimestamp(packet, timestamp);
        SetSsrc(packet, ssrc);
    }

    /// <summary>The bytes of an extension element for overwriting; false when the packet has no such element.</summary>
    public static bool TryGetExtension(Span<byte> packet, int id, out Span<byte> value)
    {
        value = default;
        if (RtpPacketView.ParseHeader(packet, out var view) != RtpParseError.None) return false;
        foreach (var extension in view.Extensions)
        {
            if (extension.Id != id) continue;
            var start = view.HeaderLength - view.ExtensionBlock.Length + extension.Offset;
            value = packet.Slice(start, extension.Value.Length);
            return true;
        }

        return false;
    }

    /// <summary>
    /// Removes the padding of a plain packet by clearing the bit; the caller then sends only the returned length.
    /// </summary>
    /// <returns>The length without padding.</returns>
    public static int StripPadding(Span<byte> packet, int paddingLength)
    {
        packet[0] &= 0xDF;
        return packet.Length - paddingLength;
    }

    /// <summary>Writes a fixed header without CSRCs, extensions or padding, and returns its length of 12.</summary>
    public static int WriteFixed(Span<byte> destination, byte payloadType, bool marker, ushort sequenceNumber, uint timestamp, uint ssrc)
    {
        destination[0] = 0x80;
        destination[1] = (byte)((payloadType & 0x7F) | (marker ? 0x80 : 0));
        Set(destination, sequenceNumber, timestamp, ssrc);
        return RtpLimits.FixedHeaderLength;
    }
}
