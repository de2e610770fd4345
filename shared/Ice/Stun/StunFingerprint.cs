namespace JitsiMesh.Ice.Stun;

/// <summary>FINGERPRINT (RFC 8489 section 14.7): the CRC-32 of ITU V.42, XORed with "STUN".</summary>
internal static class StunFingerprint
{
    private const uint Mask = 0x5354554E;

    private static readonly uint[] Table = MakeTable();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFF_FFFFu;
        foreach (var value in data) crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        return ~crc ^ Mask;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++) entry = (entry & 1) != 0 ? (entry >> 1) ^ 0xEDB88320u : entry >> 1;
            table[i] = entry;
        }

        return table;
    }
}
