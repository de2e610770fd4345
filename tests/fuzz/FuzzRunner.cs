using System.Globalization;
using JitsiMesh.Primitives;
using Xunit.Abstractions;

namespace JitsiMesh.Fuzz.Tests;

/// <summary>
/// Runs a target over nothing, its samples, their beginnings, and mutations of them. <c>FUZZ_ROUNDS</c> multiplies the mutations for a long night,
/// <c>FUZZ_SEED</c> repeats a run.
/// </summary>
internal static class FuzzRunner
{
    internal static void Run<TTarget>(int rounds, ITestOutputHelper output)
        where TTarget : IFuzzTarget
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given : 20261124;
        var times = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_ROUNDS"), CultureInfo.InvariantCulture, out var factor) ? Math.Max(1, factor) : 1;
        output.WriteLine($"{typeof(TTarget).Name}: FUZZ_SEED={seed}, {(long)rounds * times} mutations");
        var samples = TTarget.Samples;
        Assert.NotEmpty(samples);
        Try<TTarget>([], seed, "empty input");
        foreach (var sample in samples)
        {
            Try<TTarget>(sample, seed, "sample");
            for (var length = 0; length < sample.Length; length += 1 + (sample.Length / 200)) Try<TTarget>(sample.AsSpan(0, length), seed, "beginning of a sample");
        }

        var mutator = new Mutator(samples, new SeededRandomSource(seed));
        for (var round = 0L; round < (long)rounds * times; round++) Try<TTarget>(mutator.Next(), seed, "mutation", round);
    }

    private static void Try<TTarget>(ReadOnlySpan<byte> data, ulong seed, string kind, long round = 0)
        where TTarget : IFuzzTarget
    {
        try
        {
            TTarget.Run(data);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{typeof(TTarget).Name}, FUZZ_SEED={seed}, {kind} {round}, bytes {Convert.ToHexString(data)}", exception);
        }
    }
}
