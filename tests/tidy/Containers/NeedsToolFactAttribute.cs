namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>A test that needs a program of the machine. Skipped aloud without.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsToolFactAttribute : FactAttribute
{
    public NeedsToolFactAttribute(string program)
    {
        if ((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)))) return;
        Skip = $"SKIPPED (missing {program})";
        Console.WriteLine(Skip);
    }
}
