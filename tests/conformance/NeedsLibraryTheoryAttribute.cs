namespace JitsiMesh.Conformance.Tests;

/// <summary>A theory that needs a lib-jitsi-meet built from its public source.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsLibraryTheoryAttribute : TheoryAttribute
{
    public const string Variable = "LIB_JITSI_MEET";

    public NeedsLibraryTheoryAttribute()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 }) return;
        Skip = $"SKIPPED (missing {Variable}: the folder of a built lib-jitsi-meet)";
        Console.WriteLine(Skip);
    }
}
