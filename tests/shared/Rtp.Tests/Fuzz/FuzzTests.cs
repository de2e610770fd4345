using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp.Tests.Fuzz;

public sealed class FuzzTests
{
    private delegate void Target(ReadOnlySpan<byte> data);

    private static readonly byte[][] RtpSamples =
    [
        Bytes.Hex("90 E0 FFFF 01020304 DEADBEEF BEDE 0003 10 AA 21 BB BB 00 00 33 CC CC CC CC DE AD"),
        Bytes.Hex("B2 60 0001 01020304 DEADBEEF 00000001 00000002 1003 0003 01 00 02 01 BB 00 10 04 CC CC CC CC 00 AB 01 02 02"),
        Bytes.Hex("90 F0 9234 07 A5 10 02 00 9D 01 2A 8002 6801"),
        Bytes.Hex("AA 8102 10 03 38 0140 00B4 0280 0168 01 04 01 FF"),
        Bytes.Hex("78 0002 68CE 0002 6588"),
    ];

    private static readonly byte[][] RtcpSamples =
    [
        Bytes.Hex("81 C8 000C 00000001 E5A1B2C3 80000000 00010000 0000000A 00000100 00000002 40 FFFFFE 0001FFFF 00000010 B2C38000 00010000 81 CA 0003 00000001 01 02 6162 00000000 81 CB 0002 00000001 02 6279 00"),
        Bytes.Hex("AF CD 0006 00000001 00000002 0010 0009 000002 03 2002 A040 04 08 0C 01"),
        Bytes.Hex("84 CE 0004 00000001 00000000 00000003 09000000 81 CD 0003 00000001 00000002 000A FFFF 8F CE 0005 00000001 00000000 52454D42 01FFFFFF 00000007"),
        Bytes.Hex("80 CF 0004 00000001 04000002 00000001 00000002 80 CF 0005 00000001 05000003 00000001 00000002 00000003"),
    ];

    [Fact]
    public void Rtp_mutated_samples_never_throw() => Mutate(RtpSamples, RtpFuzz.Run, 1);

    [Fact]
    public void Rtcp_mutated_samples_never_throw() => Mutate(RtcpSamples, RtcpFuzz.Run, 2);

    [Fact]
    public void Dependency_descriptor_mutated_samples_never_throw() =>
        Mutate([Av1DependencyDescriptorTests.L1T2Keyframe(2), Av1DependencyDescriptorTests.Delta(62, 3)], Av1DependencyDescriptorFuzz.Run, 3);

    private static void Mutate(byte[][] samples, Target target, ulong seed)
    {
        target([]);
        var random = new SeededRandomSource(seed);
        foreach (var sample in samples)
        {
            target(sample);
            for (var length = 0; length < sample.Length; length++) target(sample.AsSpan(0, length));
            for (var round = 0; round < 4000; round++)
            {
                var data = (byte[])sample.Clone();
                for (var change = 1 + random.NextInt(4); change > 0; change--) data[random.NextInt(data.Length)] = (byte)random.NextUInt32();
                var cut = random.NextInt(4) == 0 ? random.NextInt(data.Length + 1) : data.Length;
                try
                {
                    target(data.AsSpan(0, cut));
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"seed {seed}, round {round}: {Convert.ToHexString(data.AsSpan(0, cut))}", e);
                }
            }
        }
    }
}
