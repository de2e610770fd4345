using System.Globalization;

namespace JitsiMesh.Kit.Networks;

/// <summary>The seed of a random scenario: the test's own, or that of <c>JITSIMESH_SEED</c> to repeat a failure.</summary>
public static class NetworkSeed
{
    public const string Variable = "JITSIMESH_SEED";

    public static ulong Of(ulong seed) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out var given) ? given : seed;
}
