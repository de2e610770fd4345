using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>Small habits that a reviewer should not have to repeat.</summary>
public sealed partial class SourceTextTests
{
    private static IEnumerable<string> Sources => new[] { "shared", "services", "tests" }.SelectMany(folder =>
        Repository.Files(folder, "*.cs").Concat(Repository.Files(folder, "*.ts")).Concat(Repository.Files(folder, "*.tsx")))
        .Where(path => !Repository.Relative(path).StartsWith("tests/tidy/", StringComparison.Ordinal));

    [Fact]
    public void No_source_leaves_work_for_later_in_a_comment()
    {
        foreach (var path in Sources)
        {
            var match = Unfinished().Match(File.ReadAllText(path));
            Assert.False(match.Success, $"{Repository.Relative(path)}: '{match.Value}'");
        }
    }

    [Fact]
    public void No_file_names_a_folder_of_somebodys_machine()
    {
        foreach (var path in Sources.Concat(Repository.Files("docs", "*.md")).Concat(Repository.Files("deploy", "*.sh")))
        {
            var match = HomeFolder().Match(File.ReadAllText(path));
            Assert.False(match.Success, $"{Repository.Relative(path)}: '{match.Value}'");
        }
    }

    [Fact]
    public void No_test_is_skipped_for_good()
    {
        foreach (var path in Repository.Files("tests", "*.cs").Where(p => !Repository.Relative(p).StartsWith("tests/tidy/", StringComparison.Ordinal)))
        {
            Assert.DoesNotMatch(SkippedForGood(), File.ReadAllText(path));
        }
    }

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.])/(home|Users|root)/\w+")]
    private static partial Regex HomeFolder();

    [GeneratedRegex(@"\[(Fact|Theory)\(Skip\s*=")]
    private static partial Regex SkippedForGood();
}
