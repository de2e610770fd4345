using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Tests.Fuzz;

public sealed class SctpFuzzTests
{
    [Fact]
    public void Mutated_packets_of_every_kind_and_nothing_at_all_throw_nothing()
    {
        SctpFuzz.Run([]);
        var samples = SctpRecording.WholeLife();
        var kinds = samples.Select(packet => packet[12]).Distinct().ToList();
        Assert.True(kinds.Count >= 12, string.Join(' ', kinds));
        const ulong Seed = 30;
        var random = new SeededRandomSource(Seed);
        SctpPair? pair = null;
        for (var i = 0; i < 20_000; i++)
        {
            if (pair is null || pair.Server.State != SctpState.Established) pair = new SctpPair((ulong)i).Connect();
            var mutated = (byte[])samples[random.NextInt(samples.Count)].Clone();
            for (var flips = 1 + random.NextInt(6); flips > 0; flips--) mutated[random.NextInt(mutated.Length)] = (byte)random.NextInt(256);
            var length = random.NextInt(4) == 0 ? random.NextInt(mutated.Length) : mutated.Length;
            try
            {
                SctpFuzz.Run(mutated.AsSpan(0, length), pair);
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {Seed}, round {i}, {Convert.ToHexString(mutated.AsSpan(0, length))}: {exception}");
            }
        }
    }
}
