namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>What the server-side includes of one page may come to. The files are the operator's; a mistake in one must not take the server's memory.</summary>
internal static class IncludeLimits
{
    /// <summary>How deep includes may be within each other. Deeper ones are left empty.</summary>
    public const int Depth = 5;

    /// <summary>Includes of one page, all depths together. Further ones are left empty.</summary>
    public const int Includes = 64;

    /// <summary>Characters of one page. An include that passes it is left empty.</summary>
    public const int Characters = 4 * 1024 * 1024;
}
