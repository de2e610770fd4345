using JitsiMesh.Kit.Directories;

namespace JitsiMesh.Auth.Tests.Ldap;

/// <summary>A test that needs slapd, skipped aloud without.</summary>
public sealed class SlapdFactAttribute : FactAttribute
{
    public SlapdFactAttribute() => Skip = RunningSlapd.Missing;
}

/// <inheritdoc cref="SlapdFactAttribute"/>
public sealed class SlapdTheoryAttribute : TheoryAttribute
{
    public SlapdTheoryAttribute() => Skip = RunningSlapd.Missing;
}
