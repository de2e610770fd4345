using JitsiMesh.Primitives;

namespace JitsiMesh.Sctp.Tests.Fuzz;

public sealed class SctpFuzzTests
{
    [Fact]
    public void Mutated_packets_of_every_kind_and_nothing_at_all_throw_nothing()
    {
        SctpFuzz.Run([]);
        var samples = Samples();
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

    private static List<byte[]> Samples()
    {
        var samples = new Dictionary<(byte, int), byte[]>();
        var pair = new SctpPair { JitterMilliseconds = 30 };
        pair.Tamper = (_, packet) =>
        {
            samples.TryAdd((packet[12], packet.Length / 64), (byte[])packet.Clone());
            return [packet];
        };
        pair.Connect();
        pair.Loss = 0.1;
        var id = pair.Open(new() { Label = "p", MaxRetransmits = 0 });
        for (var i = 0; i < 30; i++) pair.Client.SendMessage(id, new byte[700], true, pair.Now);
        pair.Run(TimeSpan.FromSeconds(70));
        pair.Client.CloseChannel(id, pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        pair.Client.Shutdown(pair.Now);
        pair.Run(TimeSpan.FromSeconds(10));
        Assert.True(samples.Keys.Select(k => k.Item1).Distinct().Count() >= 12, string.Join(' ', samples.Keys.Select(k => k.Item1).Distinct()));
        return [.. samples.Values];
    }
}
