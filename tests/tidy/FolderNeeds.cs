using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>A source of a project: its folder below the project's, and its code without comments and literals.</summary>
internal sealed record FolderSource(string Folder, string Code);

/// <summary>
/// Which folders of one project need each other. A folder needs another when one of its files uses the other's namespace or names a type through it.
/// A folder and one inside of it are no pair: the outer one holds what its parts share and puts them together, as the project's own folder does.
/// </summary>
internal static partial class FolderNeeds
{
    /// <returns>"A and B", the names in order.</returns>
    public static IReadOnlyList<string> TwoWay(IEnumerable<FolderSource> sources)
    {
        var all = sources.Select(source => (source.Folder, source.Code, Namespace: CSharpText.Namespace(source.Code), Types: CSharpText.Types(source.Code))).Where(s => s.Namespace is not null).ToList();
        var folders = all.Where(s => s.Folder.Length > 0).GroupBy(s => s.Folder, StringComparer.Ordinal).Select(group => new Folder(
            group.Key,
            group.First().Namespace!,
            group.SelectMany(s => s.Types).Select(type => type.Name).ToHashSet(StringComparer.Ordinal),
            group.SelectMany(s => Using().Matches(s.Code).Select(use => use.Groups[1].Value)).ToHashSet(StringComparer.Ordinal),
            group.SelectMany(s => Qualified().Matches(s.Code).Select(name => (name.Groups[1].Value, name.Groups[2].Value))).ToHashSet())).ToList();
        return [.. from one in folders
                   from other in folders
                   where string.CompareOrdinal(one.Path, other.Path) < 0 && !IsInside(one, other) && !IsInside(other, one) && one.Needs(other) && other.Needs(one)
                   select $"{one.Path} and {other.Path}"];
    }

    private static bool IsInside(Folder one, Folder other) => one.Path.StartsWith(other.Path + "/", StringComparison.Ordinal);

    // With those of aliases and of static members.
    [GeneratedRegex(@"^\s*using\s+(?:static\s+)?(?:\w+\s*=\s*)?([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"\b([A-Z]\w*)\.(?=([A-Z]\w*))")]
    private static partial Regex Qualified();

    private sealed record Folder(string Path, string Namespace, HashSet<string> Types, HashSet<string> Usings, HashSet<(string Qualifier, string Name)> Qualified)
    {
        public bool Needs(Folder other)
        {
            var last = other.Namespace.Split('.')[^1];
            return Usings.Contains(other.Namespace) || other.Types.Any(type => Usings.Contains($"{other.Namespace}.{type}") || Qualified.Contains((last, type)));
        }
    }
}
