using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>A test with a network of its own: it needs the rights for that (root) beside its programs, and is skipped aloud without them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsNamespaceFactAttribute : FactAttribute
{
    public NeedsNamespaceFactAttribute(params string[] programs)
    {
        var missing = programs.Append("ip").Append("iptables").Where(program => !Tree.Has(program)).ToList();
        if (!Environment.IsPrivilegedProcess) missing.Add("root");
        if (missing.Count == 0) return;
        Skip = $"SKIPPED (missing {string.Join(", ", missing)})";
        Console.WriteLine(Skip);
    }
}
