using System.Buffers.Binary;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Stun;

/// <summary>
/// XOR-MAPPED-ADDRESS (RFC 8489 section 14.2).
/// <code>
/// |0 0 0 0 0 0 0 0|    family     |  port XOR cookie's upper half |
/// |        address XOR cookie (IPv4), XOR cookie and transaction id (IPv6)
/// </code>
/// </summary>
internal static class StunAddress
{
    public const int MaxSize = 20;

    private const byte IPv4Family = 1;
    private const byte IPv6Family = 2;

    /// <param name="value">The attribute's value.</param>
    /// <param name="mask">Cookie and transaction id: bytes 4 to 20 of the message.</param>
    public static bool TryReadXor(ReadOnlySpan<byte> value, ReadOnlySpan<byte> mask, out TransportAddress address)
    {
        address = default;
        if (value.Length < 4) return false;
        var size = value[1] switch { IPv4Family => 4, IPv6Family => 16, _ => -1 };
        if (value.Length != 4 + size) return false;
        Span<byte> plain = stackalloc byte[16];
        for (var i = 0; i < size; i++) plain[i] = (byte)(value[4 + i] ^ mask[i]);
        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ BinaryPrimitives.ReadUInt16BigEndian(mask));
        address = TransportAddress.FromBytes(plain[..size], port);
        return true;
    }

    /// <returns>8 for IPv4, 20 for IPv6.</returns>
    public static int WriteXor(Span<byte> destination, ReadOnlySpan<byte> mask, TransportAddress address)
    {
        var size = address.WriteAddress(destination[4..]);
        destination[0] = 0;
        destination[1] = size == 4 ? IPv4Family : IPv6Family;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(address.Port ^ BinaryPrimitives.ReadUInt16BigEndian(mask)));
        for (var i = 0; i < size; i++) destination[4 + i] ^= mask[i];
        return 4 + size;
    }
}
