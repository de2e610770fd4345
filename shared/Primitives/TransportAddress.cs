using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Primitives;

/// <summary>
/// An IP address and port as a value, without allocation, so that it can key a table on the packet path. IPv4 is held as an IPv4-mapped
/// IPv6 address (RFC 4291 section 2.5.5.2), so that each address has one form. UDP and TCP have separate port spaces, so an address includes its protocol.
/// </summary>
public readonly record struct TransportAddress(ulong High, ulong Low, ushort Port)
{
    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000UL;

    /// <summary>Whether the port is a TCP port; otherwise it is a UDP port.</summary>
    public bool IsTcp { get; init; }

    public bool IsIPv4 => High == 0 && (Low & 0xFFFF_FFFF_0000_0000UL) == MappedPrefix;

    /// <summary>The IPv4 address in host order; meaningful only when <see cref="IsIPv4"/>.</summary>
    public uint IPv4 => (uint)Low;

    public static TransportAddress FromIPv4(uint address, ushort port) => new(0, MappedPrefix | address, port);

    /// <param name="bytes">4 or 16 bytes in network order.</param>
    /// <param name="port">The port in host order.</param>
    public static TransportAddress FromBytes(ReadOnlySpan<byte> bytes, ushort port) => bytes.Length switch
    {
        4 => FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port),
        16 => new TransportAddress(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), port),
        _ => throw new ArgumentException("An IP address has 4 or 16 bytes.", nameof(bytes)),
    };

    public static TransportAddress From(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return FromBytes(bytes[..written], (ushort)port);
    }

    public static TransportAddress From(IPEndPoint endPoint) => From(endPoint.Address, endPoint.Port);

    public static bool TryParse(string address, int port, out TransportAddress result)
    {
        result = default;
        if (port is < 0 or > 65535 || !IPAddress.TryParse(address, out var ip)) return false;
        if (ip.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)) return false;
        result = From(ip, port);
        return true;
    }

    /// <summary>Writes 4 bytes (IPv4) or 16 (IPv6) in network order and returns the count.</summary>
    public int WriteAddress(Span<byte> destination)
    {
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, IPv4);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
        return 16;
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPAddress(bytes[..WriteAddress(bytes)]);
    }

    public IPEndPoint ToIPEndPoint() => new(ToIPAddress(), Port);

    public override string ToString() => IsTcp ? $"{ToIPEndPoint()}/tcp" : ToIPEndPoint().ToString();
}
