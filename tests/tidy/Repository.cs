using System.Runtime.CompilerServices;

namespace JitsiMesh.Tidy.Tests;

/// <summary>The tree under test: found from where this file was compiled.</summary>
internal static class Repository
{
    private static readonly string[] Ignored = ["artifacts", "node_modules", "dist", ".git", ".mesh", "bin", "obj"];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public static IEnumerable<string> Files(string folder, string pattern) => Walk(Path.Combine(Root, folder), pattern);

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    private static IEnumerable<string> Walk(string folder, string pattern)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var file in Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)) yield return file;
        foreach (var child in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (Ignored.Contains(Path.GetFileName(child), StringComparer.Ordinal)) continue;
            foreach (var file in Walk(child, pattern)) yield return file;
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
