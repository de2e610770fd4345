using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>A test that needs programs of the machine. Where one is missing the test is skipped, and says so aloud.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFactAttribute : FactAttribute
{
    public NeedsFactAttribute(params string[] programs)
    {
        var missing = programs.Where(program => !Tree.Has(program)).ToList();
        if (missing.Count == 0) return;
        Skip = $"SKIPPED (missing {string.Join(", ", missing)})";
        Console.WriteLine(Skip);
    }
}
