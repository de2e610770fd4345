using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Hosting.Tests.Settings;

public sealed class SettingsPageTests
{
    private static readonly Lazy<string> Root = new(() =>
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "JitsiMesh.sln"))) folder = folder.Parent!;
        return folder.FullName;
    });

    /// <summary>When it differs: UPDATE_SETTINGS_PAGE=1 dotnet test tests/shared/Hosting.Tests writes it anew.</summary>
    [Fact]
    public void The_page_of_settings_is_what_is_declared()
    {
        var path = Path.Combine(Root.Value, "docs", "settings.md");
        if (Environment.GetEnvironmentVariable("UPDATE_SETTINGS_PAGE") == "1") File.WriteAllText(path, SettingsPage.Render());

        Assert.Equal(SettingsPage.Render(), File.ReadAllText(path));
    }

    [Fact]
    public void Each_setting_stands_on_the_page_once()
    {
        var lines = SettingsPage.Render().Split("\n## The names of Jitsi's tables")[0].Split('\n');
        Assert.All(KnownSettings.All.Keys, name => Assert.Single(lines, line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal)));
        Assert.All(lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal)), line => Assert.EndsWith("|", line, StringComparison.Ordinal));
    }

    [Fact]
    public void No_default_of_a_secret_is_printed() =>
        Assert.All(KnownSettings.All.Values.Where(setting => setting.IsSecret), setting => Assert.Equal("", setting.DefaultText));

    [Fact]
    public void Every_setting_of_tokens_and_directories_names_a_test_that_is_there()
    {
        var logins = KnownSettings.All.Keys.Where(name => name.StartsWith("LDAP_", StringComparison.Ordinal) || name.StartsWith("JWT_", StringComparison.Ordinal) || name.StartsWith("MESH_JWT_", StringComparison.Ordinal));
        Assert.Empty(logins.Except(ShownBy.Tests.Keys));
        var sources = Directory.EnumerateFiles(Path.Combine(Root.Value, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        Assert.All(ShownBy.Tests.Values.Distinct(), test => Assert.Contains(sources, source => source.Contains($"class {test.Class}", StringComparison.Ordinal) && source.Contains($" {test.Method}(", StringComparison.Ordinal)));
    }
}
