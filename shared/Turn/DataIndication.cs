using System.Buffers.Binary;
using JitsiMesh.Ice.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Turn;

/// <summary>The header of a Data indication (RFC 8656 section 11.4), written in front of the data without moving it.</summary>
internal static class DataIndication
{
    /// <param name="buffer">The data at <paramref name="dataOffset"/>, with space for its padding.</param>
    /// <param name="dataOffset">At least <see cref="TurnLimits.Headroom"/>.</param>
    /// <param name="peer">The sender.</param>
    /// <param name="length">The length of the data.</param>
    /// <param name="transaction">Any transaction id.</param>
    /// <returns>Octets of the header: 36 for IPv4, 48 for IPv6.</returns>
    public static int WriteHeader(Span<byte> buffer, int dataOffset, in TransportAddress peer, int length, StunTransactionId transaction)
    {
        var size = StunMessage.HeaderSize + 4 + (peer.IsIPv4 ? 8 : 20) + 4;
        var header = buffer.Slice(dataOffset - size, size);
        var writer = new StunWriter(header, StunClass.Indication, TurnMethod.Data, transaction);
        writer.AddXorAddress(TurnAttribute.XorPeerAddress, peer);
        BinaryPrimitives.WriteUInt16BigEndian(header[(size - 4)..], (ushort)TurnAttribute.Data);
        BinaryPrimitives.WriteUInt16BigEndian(header[(size - 2)..], (ushort)length);
        var padding = -length & 3;
        buffer.Slice(dataOffset + length, padding).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(size - StunMessage.HeaderSize + length + padding));
        return size;
    }
}
