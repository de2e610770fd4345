using JitsiMesh.Primitives;

namespace JitsiMesh.Dtls.Tests.Fuzz;

public sealed class DtlsFuzzTests
{
    [Fact]
    public void Mutated_client_hellos_and_nothing_at_all_throw_nothing()
    {
        DtlsFuzz.Run([]);
        using var client = new DtlsTransport(DtlsPair.ClientCertificate, DtlsRole.Client);
        client.Start(MonotonicTime.Zero);
        Assert.True(client.TryDequeueTransmit(out var hello));
        const ulong Seed = 20;
        var random = new SeededRandomSource(Seed);
        for (var i = 0; i < 3000; i++)
        {
            var mutated = hello.ToArray();
            for (var flips = 1 + random.NextInt(4); flips > 0; flips--) mutated[random.NextInt(mutated.Length)] = (byte)random.NextInt(256);
            var length = random.NextInt(4) == 0 ? random.NextInt(mutated.Length) : mutated.Length;
            try
            {
                DtlsFuzz.Run(mutated.AsSpan(0, length));
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {Seed}, round {i}, {Convert.ToHexString(mutated.AsSpan(0, length))}: {exception}");
            }
        }
    }
}
