using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>A theory that needs a lib-jitsi-meet built from its public source, and programs of the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsLibraryTheoryAttribute : TheoryAttribute
{
    public const string Variable = "LIB_JITSI_MEET";

    public NeedsLibraryTheoryAttribute(params string[] programs)
    {
        var missing = programs.Where(program => !Tree.Has(program)).ToList();
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 }) missing.Add($"{Variable}: the folder of a built lib-jitsi-meet");
        if (missing.Count == 0) return;
        Skip = $"SKIPPED (missing {string.Join(", ", missing)})";
        Console.WriteLine(Skip);
    }
}
