using JitsiMesh.Kit.Processes;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>The table mode x situation as it stands in docs/authentication.md.</summary>
internal static class AuthenticationTable
{
    private const string Corner = "Situation";

    /// <summary>The first line is the head; each line has as many cells.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Lines { get; } = Read();

    public static string Cell(string mode, string situation)
    {
        var column = Lines[0].ToList().IndexOf(mode);
        return Lines.Single(line => line[0] == situation)[column];
    }

    private static List<IReadOnlyList<string>> Read()
    {
        var lines = File.ReadLines(Tree.Path("docs", "authentication.md"))
            .SkipWhile(line => !line.StartsWith($"| {Corner} | anonymous", StringComparison.Ordinal))
            .TakeWhile(line => line.StartsWith('|'))
            .Where(line => !line.StartsWith("|-", StringComparison.Ordinal))
            .Select(line => (IReadOnlyList<string>)[.. line.Trim('|').Split('|', StringSplitOptions.TrimEntries).Select(cell => cell.Replace("`", "", StringComparison.Ordinal))])
            .ToList();
        return lines.Count > 1 && lines.TrueForAll(line => line.Count == lines[0].Count) ? lines : throw new InvalidOperationException("docs/authentication.md has no table 'Situation | anonymous …', or lines of different lengths in it.");
    }
}
