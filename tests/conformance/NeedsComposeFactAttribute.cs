using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>A test in containers: it needs a Docker engine that has the base images, compose, and programs of the machine. Skipped aloud without.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsComposeFactAttribute : FactAttribute
{
    public NeedsComposeFactAttribute(params string[] programs)
    {
        var missing = ComposeMesh.Missing ?? programs.FirstOrDefault(program => !Tree.Has(program));
        if (missing is null) return;
        Skip = $"SKIPPED (missing {missing})";
        Console.WriteLine(Skip);
    }
}
