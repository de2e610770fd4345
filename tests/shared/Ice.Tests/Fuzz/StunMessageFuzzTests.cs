using JitsiMesh.Ice.Tests.Stun;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Fuzz;

public class StunMessageFuzzTests
{
    [Fact]
    public void Run_EmptyInput_DoesNotThrow() => StunMessageFuzz.Run([]);

    [Fact]
    public void Run_MutatedSamples_DoesNotThrow()
    {
        var random = new SeededRandomSource(0x5354554E);
        byte[][] samples = [Rfc5769Vectors.Request, Rfc5769Vectors.IPv4Response, Rfc5769Vectors.IPv6Response, Rfc5769Vectors.LongTermRequest];
        for (var i = 0; i < 8000; i++)
        {
            var bytes = (byte[])samples[i % samples.Length].Clone();
            for (var flips = random.NextInt(6); flips >= 0; flips--) bytes[random.NextInt(bytes.Length)] = (byte)random.NextInt(256);
            var length = random.NextInt(4) == 0 ? random.NextInt(bytes.Length + 1) : bytes.Length;

            // A length that fits lets the mutation reach the attributes.
            if (length >= 4 && random.NextInt(2) == 0) bytes[3] = (byte)((length - 20) & 0xFC);
            StunMessageFuzz.Run(bytes.AsSpan(0, length));
        }
    }
}
