using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>A test that needs programs of the machine. Where one is missing the test is skipped, and says so aloud.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFactAttribute : FactAttribute
{
    public NeedsFactAttribute(params string[] programs)
        : this(isLong: false, programs)
    {
    }

    /// <param name="isLong">It takes minutes to prepare, and belongs to <c>./mesh test full</c>.</param>
    /// <param name="programs">Those that it needs.</param>
    public NeedsFactAttribute(bool isLong, params string[] programs)
    {
        var missing = programs.Where(program => !Tree.Has(program)).ToList();
        if (isLong && Environment.GetEnvironmentVariable("MESH_TEST_MODE") != "full") missing.Add("./mesh test full");
        if (missing.Count == 0) return;
        Skip = $"SKIPPED (missing {string.Join(", ", missing)})";
        Console.WriteLine(Skip);
    }
}
