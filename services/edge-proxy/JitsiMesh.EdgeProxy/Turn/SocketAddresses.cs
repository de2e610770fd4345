using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>Reads and writes the system's form of an address in place: an <see cref="IPEndPoint"/> for each packet would be garbage.</summary>
internal static class SocketAddresses
{
    private const int PortOffset = 2;
    private const int IPv4Offset = 4;
    private const int IPv6Offset = 8;

    public static SocketAddress Create(AddressFamily family) => new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0).Serialize();

    public static TransportAddress Read(SocketAddress address)
    {
        var bytes = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[PortOffset..]);
        return address.Family == AddressFamily.InterNetwork
            ? TransportAddress.FromBytes(bytes.Slice(IPv4Offset, 4), port)
            : TransportAddress.FromBytes(bytes.Slice(IPv6Offset, 16), port);
    }

    /// <param name="destination">Of the socket's family; an IPv6 address holds IPv4 in its mapped form.</param>
    /// <param name="address">The address to write.</param>
    public static void Write(SocketAddress destination, in TransportAddress address)
    {
        var bytes = destination.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[PortOffset..], address.Port);
        if (destination.Family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[IPv4Offset..], address.IPv4);
            return;
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes[IPv6Offset..], address.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[(IPv6Offset + 8)..], address.Low);
    }
}
