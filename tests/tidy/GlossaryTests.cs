using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>That the glossary names types that exist, in the folders where it says they are.</summary>
public sealed partial class GlossaryTests
{
    private static readonly ILookup<string, string> Folders = new[] { "shared", "services", "tests" }.SelectMany(folder => Repository.Files(folder, "*.cs"))
        .SelectMany(path => Declared().Matches(File.ReadAllText(path)).Select(match => (Type: match.Groups[1].Value, Folder: Repository.Relative(Path.GetDirectoryName(path)!) + "/")))
        .ToLookup(type => type.Type, type => type.Folder, StringComparer.Ordinal);

    [Fact]
    public void Every_type_of_the_glossary_is_where_it_says()
    {
        var rows = Row().Matches(Repository.Read("docs/glossary.md")).Select(match => match.Groups[1].Value).Where(where => where != "Where" && !where.StartsWith('-')).ToList();
        Assert.True(rows.Count > 40, $"{rows.Count} rows were found");
        var wrong = new List<string>();
        foreach (var place in rows.SelectMany(row => Place().Matches(row)))
        {
            var (project, folder) = (place.Groups["project"].Value, place.Groups["folder"].Value);
            foreach (Match type in Type().Matches(place.Groups["types"].Value))
            {
                var name = type.Groups[1].Value;
                if (!Folders[name].Any(found => found.Contains($"{project}/", StringComparison.Ordinal) && (folder.Length == 0 || found.EndsWith("/" + folder, StringComparison.Ordinal)))) wrong.Add($"{name} is not in {project} {folder}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_row_names_a_type()
    {
        var bare = Repository.Read("docs/glossary.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.Contains("| Where |", StringComparison.Ordinal) && !Place().IsMatch(line.Split('|')[3])).ToList();
        Assert.Empty(bare);
    }

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record)\s+([A-Z]\w*)")]
    private static partial Regex Declared();

    [GeneratedRegex(@"^\|[^|\n]*\|[^|\n]*\| ?([^|\n]*?) ?\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    // `One`, `Two` in PROJECT `FOLDER/`
    [GeneratedRegex(@"(?<types>`\w+`(?:(?:, | and )`\w+`)*) in (?<project>[\w./-]+?)(?: `(?<folder>[\w/]+/)`)?(?=,| \(|$|\s*\||\s*$)")]
    private static partial Regex Place();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Type();
}
