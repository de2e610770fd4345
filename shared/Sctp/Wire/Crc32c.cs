using System.Buffers.Binary;
using System.Numerics;

namespace JitsiMesh.Sctp.Wire;

/// <summary>CRC32c as RFC 9260 appendix A uses it: reflected, all ones in and out, least significant byte first on the wire.</summary>
internal static class Crc32c
{
    internal static uint Compute(ReadOnlySpan<byte> data) => ~Update(uint.MaxValue, data);

    /// <summary>Computed over a packet whose checksum field (bytes 8 to 11) counts as zero.</summary>
    internal static uint ComputePacket(ReadOnlySpan<byte> packet)
    {
        var crc = Update(uint.MaxValue, packet[..8]);
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Update(crc, packet[12..]);
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        foreach (var value in data) crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
