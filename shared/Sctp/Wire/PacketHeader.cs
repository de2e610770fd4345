using System.Buffers.Binary;

namespace JitsiMesh.Sctp.Wire;

/// <summary>
/// <code>
///  source port (16) | destination port (16)
///  verification tag (32)
///  checksum (32), CRC32c, little endian                RFC 9260 section 3.1
/// </code>
/// </summary>
internal readonly record struct PacketHeader(ushort SourcePort, ushort DestinationPort, uint VerificationTag)
{
    internal const int Length = 12;

    internal static PacketHeader Read(ReadOnlySpan<byte> packet) => new(
        BinaryPrimitives.ReadUInt16BigEndian(packet),
        BinaryPrimitives.ReadUInt16BigEndian(packet[2..]),
        BinaryPrimitives.ReadUInt32BigEndian(packet[4..]));

    internal static bool HasValidChecksum(ReadOnlySpan<byte> packet) =>
        BinaryPrimitives.ReadUInt32LittleEndian(packet[8..]) == Crc32c.ComputePacket(packet);

    /// <summary>Writes ports, tag and the checksum of the complete <paramref name="packet"/>.</summary>
    internal void Seal(Span<byte> packet)
    {
        BinaryPrimitives.WriteUInt16BigEndian(packet, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], VerificationTag);
        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], Crc32c.ComputePacket(packet));
    }
}
