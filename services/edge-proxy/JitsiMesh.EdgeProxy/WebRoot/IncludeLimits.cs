namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>Limits for the server-side includes of one page. The files are the operator's; an error in one must not exhaust the server's memory.</summary>
internal static class IncludeLimits
{
    /// <summary>Depth of nested includes. Deeper ones are left empty.</summary>
    public const int Depth = 5;

    /// <summary>Includes of one page, all depths together. Further ones are left empty.</summary>
    public const int Includes = 64;

    /// <summary>Characters of one page. An include beyond this size is left empty.</summary>
    public const int Characters = 4 * 1024 * 1024;
}
