using JitsiMesh.Primitives;

namespace JitsiMesh.PeerTransport.Tests.Fuzz;

public class PeerTransportFuzzTests
{
    [Fact]
    public void Run_EmptyInput_DoesNotThrow() => PeerTransportFuzz.Run([]);

    [Fact]
    public void Run_RandomDatagrams_DoesNotThrow()
    {
        var random = new SeededRandomSource(0x7983);
        for (var i = 0; i < 1000; i++)
        {
            var data = new byte[random.NextInt(400)];
            random.Fill(data);
            PeerTransportFuzz.Run(data);
        }
    }
}
