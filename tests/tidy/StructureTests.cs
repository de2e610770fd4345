namespace JitsiMesh.Tidy.Tests;

/// <summary>How large a file and a type may be, and that folders need each other one way only (CONTRIBUTING, "Where things go").</summary>
public sealed class StructureTests
{
    private const int LongestFile = 450;
    private const int LargestType = 600;

    private static readonly Dictionary<string, int> LongFiles = new(StringComparer.Ordinal)
    {
        ["services/web/src/conference/XmppConnection.ts"] = 515,
        ["services/web/test/hostile.test.ts"] = 491,
        ["tests/services/Focus.Tests/Kit/FocusScenario.cs"] = 493,
    };

    private static readonly Dictionary<string, int> LargeTypes = new(StringComparer.Ordinal)
    {
        ["JitsiMesh.Signalling.Muc.Room"] = 1778,
        ["JitsiMesh.Signalling.Muc.RoomPartition"] = 695,
    };

    private static readonly string[] TwoWayFolders =
    [
        "services/signalling/JitsiMesh.Signalling: Links and Muc",
        "services/signalling/JitsiMesh.Signalling: Links and Sessions",
        "services/signalling/JitsiMesh.Signalling: Modules/AvModeration and Modules/RoomMetadata",
        "services/signalling/JitsiMesh.Signalling: Modules/Reservation and Muc",
        "services/signalling/JitsiMesh.Signalling: Modules/RoomMetadata and Muc",
        "services/signalling/JitsiMesh.Signalling: Modules/TokenVerification and Muc",
        "services/signalling/JitsiMesh.Signalling: Modules/WaitForHost and Muc",
        "services/signalling/JitsiMesh.Signalling: Muc and Routing",
        "services/signalling/JitsiMesh.Signalling: Muc and Sessions",
        "services/signalling/JitsiMesh.Signalling: Routing and Sessions",
    ];

    private static IEnumerable<string> CSharp(string folder) => Repository.Files(folder, "*.cs");

    [Fact]
    public void No_file_is_longer_than_one_concern()
    {
        var measured = new[] { "shared", "services", "tests" }
            .SelectMany(folder => CSharp(folder).Concat(Repository.Files(folder, "*.ts")).Concat(Repository.Files(folder, "*.tsx")))
            .ToDictionary(Repository.Relative, path => File.ReadLines(path).Count(), StringComparer.Ordinal);

        Assert.True(measured.Count > 500, $"{measured.Count} files were found");
        AssertNone(Allowances.Violations(measured, LongestFile, LongFiles));
    }

    [Fact]
    public void No_type_is_larger_than_one_concern_over_all_its_partial_files()
    {
        var measured = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var path in new[] { "shared", "services", "tests" }.SelectMany(CSharp))
        {
            var code = CSharpText.WithoutCommentsAndLiterals(File.ReadAllText(path));
            foreach (var type in CSharpText.Types(code))
            {
                var name = $"{CSharpText.Namespace(code)}.{type.Name}";
                measured[name] = measured.GetValueOrDefault(name) + type.Lines;
            }
        }

        Assert.True(measured.Count > 500, $"{measured.Count} types were found");
        AssertNone(Allowances.Violations(measured, LargestType, LargeTypes));
    }

    [Fact]
    public void Folders_of_a_project_need_each_other_one_way_only()
    {
        var projects = new[] { "shared", "services" }.SelectMany(folder => Repository.Files(folder, "*.csproj")).Select(file => Path.GetDirectoryName(file)!).ToList();
        var found = projects.SelectMany(project => FolderNeeds.TwoWay(Sources(project)).Select(pair => $"{Repository.Relative(project)}: {pair}")).ToList();

        Assert.True(projects.Count > 20, $"{projects.Count} projects were found");
        AssertNone(Allowances.Violations(found, TwoWayFolders));
    }

    private static IEnumerable<FolderSource> Sources(string project)
    {
        foreach (var path in CSharp(Repository.Relative(project)))
        {
            var folder = Path.GetRelativePath(project, Path.GetDirectoryName(path)!).Replace('\\', '/');
            yield return new FolderSource(folder == "." ? "" : folder, CSharpText.WithoutCommentsAndLiterals(File.ReadAllText(path)));
        }
    }

    private static void AssertNone(IReadOnlyList<string> violations) => Assert.True(violations.Count == 0, string.Join('\n', violations));
}
