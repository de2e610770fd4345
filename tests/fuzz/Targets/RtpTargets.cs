using JitsiMesh.Rtp.Tests.Fuzz;

namespace JitsiMesh.Fuzz.Tests.Targets;

internal sealed class RtpTarget : IFuzzTarget
{
    /// <summary>One-byte and two-byte header extensions, then payloads of VP8, VP9 and H.264.</summary>
    public static IReadOnlyList<byte[]> Samples { get; } =
    [
        Hex("90 E0 FFFF 01020304 DEADBEEF BEDE 0003 10 AA 21 BB BB 00 00 33 CC CC CC CC DE AD"),
        Hex("B2 60 0001 01020304 DEADBEEF 00000001 00000002 1003 0003 01 00 02 01 BB 00 10 04 CC CC CC CC 00 AB 01 02 02"),
        Hex("90 F0 9234 07 A5 10 02 00 9D 01 2A 8002 6801"),
        Hex("AA 8102 10 03 38 0140 00B4 0280 0168 01 04 01 FF"),
        Hex("78 0002 68CE 0002 6588"),
    ];

    public static void Run(ReadOnlySpan<byte> data) => RtpFuzz.Run(data);

    internal static byte[] Hex(string spaced) => Convert.FromHexString(spaced.Replace(" ", "", StringComparison.Ordinal));
}

internal sealed class RtcpTarget : IFuzzTarget
{
    /// <summary>SR with SDES and BYE; transport feedback; FIR with NACK and REMB; XR with RRTR and DLRR.</summary>
    public static IReadOnlyList<byte[]> Samples { get; } =
    [
        RtpTarget.Hex("81 C8 000C 00000001 E5A1B2C3 80000000 00010000 0000000A 00000100 00000002 40 FFFFFE 0001FFFF 00000010 B2C38000 00010000 81 CA 0003 00000001 01 02 6162 00000000 81 CB 0002 00000001 02 6279 00"),
        RtpTarget.Hex("AF CD 0006 00000001 00000002 0010 0009 000002 03 2002 A040 04 08 0C 01"),
        RtpTarget.Hex("84 CE 0004 00000001 00000000 00000003 09000000 81 CD 0003 00000001 00000002 000A FFFF 8F CE 0005 00000001 00000000 52454D42 01FFFFFF 00000007"),
        RtpTarget.Hex("80 CF 0004 00000001 04000002 00000001 00000002 80 CF 0005 00000001 05000003 00000001 00000002 00000003"),
    ];

    public static void Run(ReadOnlySpan<byte> data) => RtcpFuzz.Run(data);
}
