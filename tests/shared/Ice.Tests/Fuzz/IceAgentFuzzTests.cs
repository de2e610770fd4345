using JitsiMesh.Primitives;

namespace JitsiMesh.Ice.Tests.Fuzz;

public class IceAgentFuzzTests
{
    [Fact]
    public void Run_EmptyInput_DoesNotThrow() => IceAgentFuzz.Run([]);

    [Fact]
    public void Run_RandomAttributes_DoesNotThrow()
    {
        var random = new SeededRandomSource(0x1CE);
        byte[] types = [0x01, 0x06, 0x08, 0x09, 0x0A, 0x20, 0x24, 0x25, 0xA2, 0xA8, 0xA9, 0xAA];
        for (var i = 0; i < 3000; i++)
        {
            var data = new byte[random.NextInt(80)];
            random.Fill(data);
            for (var at = 0; at + 1 < data.Length; at += 2 + (data[at + 1] & 31)) data[at] = types[random.NextInt(types.Length)];
            IceAgentFuzz.Run(data);
        }
    }
}
