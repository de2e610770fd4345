using System.Buffers.Binary;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>
/// Addresses in the kernel's format. The port is at bytes 2-3 in every system's sockaddr, an IPv4 address at 4-7, an IPv6 one at 8-23; the family's two bytes differ, so they
/// come from a template.
/// </summary>
internal static class SocketAddressFormat
{
    public const int IPv4Length = 16;
    public const int IPv6Length = 28;

    public static void Write(Span<byte> sockaddr, bool ipv6, in TransportAddress address)
    {
        BinaryPrimitives.WriteUInt16BigEndian(sockaddr[2..], address.Port);
        if (ipv6)
        {
            BinaryPrimitives.WriteUInt64BigEndian(sockaddr[8..], address.High);
            BinaryPrimitives.WriteUInt64BigEndian(sockaddr[16..], address.Low);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(sockaddr[4..], address.IPv4);
        }
    }

    public static TransportAddress Read(ReadOnlySpan<byte> sockaddr, bool ipv6)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(sockaddr[2..]);
        return ipv6
            ? new TransportAddress(BinaryPrimitives.ReadUInt64BigEndian(sockaddr[8..]), BinaryPrimitives.ReadUInt64BigEndian(sockaddr[16..]), port)
            : TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(sockaddr[4..]), port);
    }
}
