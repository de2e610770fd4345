using System.Text.Json;
using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>One table of codes (services/web/src/errors/codes.json), and everything else that names one.</summary>
public sealed partial class ErrorCodeTests
{
    private const string Table = "services/web/src/errors/codes.json";

    private static IReadOnlyDictionary<string, string> Codes { get; } = JsonSerializer.Deserialize<Dictionary<string, string>>(Repository.Read(Table))!;

    [Fact]
    public void A_code_stands_once_in_the_table_and_is_written_as_all_are()
    {
        Assert.Equal(Codes.Count, Codes.Values.Distinct(StringComparer.Ordinal).Count());
        Assert.All(Codes.Values, code => Assert.Matches(Whole(), code));
    }

    [Fact]
    public void The_document_has_a_line_for_each_code_and_for_no_other()
    {
        var lines = Line().Matches(Repository.Read("docs/errors.md")).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(Codes.Values.Order(StringComparer.Ordinal), lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_line_of_the_document_has_a_cause_and_a_remedy()
    {
        foreach (var line in Repository.Read("docs/errors.md").Split('\n').Where(line => line.StartsWith("| MESH-", StringComparison.Ordinal)))
        {
            var cells = line.Trim('|').Split('|');
            Assert.True(cells.Length == 3 && Array.TrueForAll(cells, cell => cell.Trim().Length > 0), line);
        }
    }

    [Fact]
    public void What_the_services_say_is_in_the_table()
    {
        var said = new[] { "services", "shared", "deploy" }.SelectMany(folder => Repository.Files(folder, "*.cs").Concat(Repository.Files(folder, "*.sh")))
            .SelectMany(path => Code().Matches(File.ReadAllText(path)).Select(match => (Path: Repository.Relative(path), match.Value))).ToList();

        Assert.NotEmpty(said);
        Assert.All(said, code => Assert.True(Codes.Values.Contains(code.Value, StringComparer.Ordinal), $"{code.Path}: {code.Value}"));
    }

    [Fact]
    public void The_client_writes_no_code_beside_the_table()
    {
        foreach (var path in Repository.Files("services/web/src", "*.ts").Concat(Repository.Files("services/web/src", "*.tsx")).Where(path => !Repository.Relative(path).StartsWith("services/web/src/dev/", StringComparison.Ordinal)))
        {
            Assert.False(Code().IsMatch(File.ReadAllText(path)), Repository.Relative(path));
        }
    }

    [Fact]
    public void The_edge_has_an_answer_for_each_status_that_has_a_code()
    {
        var said = Repository.Read("services/edge-proxy/JitsiMesh.EdgeProxy/WebRoot/ErrorAnswers.cs");

        Assert.All(Codes.Where(one => one.Key.StartsWith("http-", StringComparison.Ordinal)), one => Assert.Contains(one.Value, said, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\bMESH-[A-Z]+-\d+\b")]
    private static partial Regex Code();

    [GeneratedRegex(@"^MESH-[A-Z]+-[1-9]\d*$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^\| (MESH-[A-Z]+-\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Line();
}
