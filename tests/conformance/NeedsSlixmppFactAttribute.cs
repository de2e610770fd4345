using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Conformance.Tests;

/// <summary>A test that needs Debian's slixmpp, an XMPP client library for Python. Skipped aloud without.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsSlixmppFactAttribute : FactAttribute
{
    /// <summary>Debian's own interpreter: another one in PATH does not see Debian's packages.</summary>
    public const string Python = "/usr/bin/python3";

    public NeedsSlixmppFactAttribute()
    {
        if (Tree.Has(Python) && Tree.Has("/usr/lib/python3/dist-packages/slixmpp/__init__.py")) return;
        Skip = "SKIPPED (missing python3-slixmpp)";
        Console.WriteLine(Skip);
    }
}
