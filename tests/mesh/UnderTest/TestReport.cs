using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>Lines of numbers: in the test's own output, and on the console, so that they stand in the log of a run that passed.</summary>
public sealed class TestReport(ITestOutputHelper output)
{
    public void Line(FormattableString line)
    {
        var text = FormattableString.Invariant(line);
        output.WriteLine(text);
        Console.WriteLine(text);
    }
}
