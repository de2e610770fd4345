using System.Text;
using JitsiMesh.Primitives;

namespace JitsiMesh.Jingle.Tests.Fuzz;

public class JingleFuzzTests
{
    [Fact]
    public void Run_EmptyInput_IsHarmless() => JingleFuzz.Run([]);

    [Fact]
    public void Run_MutatedSamples_IsHarmless()
    {
        const ulong seed = 20260801;
        var random = new SeededRandomSource(seed);
        var samples = Samples.All.Append("""{"sources":{"a":[[{"s":1,"n":"a-v0","m":"x y"}],[["f",1,2]],[],[]]}}""").Select(Encoding.UTF8.GetBytes).ToArray();
        for (var round = 0; round < 4_000; round++)
        {
            var bytes = (byte[])samples[random.NextInt(samples.Length)].Clone();
            for (var i = 0; i <= random.NextInt(3); i++) bytes[random.NextInt(bytes.Length)] = (byte)"<>='\"0123456789-ax \\ué"[random.NextInt(21)];
            var cut = random.NextInt(8) == 0 ? bytes[..random.NextInt(bytes.Length)] : bytes;
            try
            {
                JingleFuzz.Run(cut);
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, round {round}: {Encoding.UTF8.GetString(cut)}\n{exception}");
            }
        }
    }
}
