using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>
/// How long it took from a fault to what should come of it. The limits of the design hold on a quiet machine and are asserted in the full run; a shared
/// one is given more, and the time is printed.
/// </summary>
public sealed class Moment(ITestOutputHelper output)
{
    private const int ForASharedMachine = 6;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>The seconds to wait at most for something that should take <paramref name="seconds"/>.</summary>
    public static int Limit(int seconds) => Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full" ? seconds : seconds * ForASharedMachine;

    public void Told(string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{what}: {_watch.Elapsed.TotalSeconds:0.00} s");
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
