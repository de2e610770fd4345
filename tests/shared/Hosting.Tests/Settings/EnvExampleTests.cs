using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Tests.Settings;

public sealed class EnvExampleTests
{
    /// <summary>When it differs: UPDATE_ENV_EXAMPLE=1 dotnet test tests/shared/Hosting.Tests writes it anew.</summary>
    [Fact]
    public void The_file_env_example_lists_every_setting_as_it_is_declared()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "JitsiMesh.sln"))) folder = folder.Parent!;
        var path = Path.Combine(folder.FullName, "env.example");
        if (Environment.GetEnvironmentVariable("UPDATE_ENV_EXAMPLE") == "1") File.WriteAllText(path, EnvExample.Render());

        Assert.Equal(EnvExample.Render(), File.ReadAllText(path));
    }

    [Fact]
    public void The_example_as_it_stands_is_accepted()
    {
        Assert.True(EnvFile.TryParse(EnvExample.Render(), out var values, out _));

        var settings = MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value)));

        Assert.Empty(settings.Notices);
        Assert.Equal(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".jitsi-meet-cfg"), settings.ConfigDirectory);
    }

    [Fact]
    public void The_example_uncommented_is_accepted()
    {
        var lines = EnvExample.Render().Split('\n').Select(l => l.StartsWith('#') && !l.StartsWith("# ", StringComparison.Ordinal) ? l[1..] : l);
        Assert.True(EnvFile.TryParse(string.Join('\n', lines), out var values, out _));

        Assert.Equal(KnownSettings.All.Keys.Order(StringComparer.Ordinal), values.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain(MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value))).Notices, n => n.Level == NoticeLevel.Fatal);
    }

    [Fact]
    public void What_has_no_effect_yet_is_said_to_have_none()
    {
        var lines = EnvExample.Render().Split('\n');
        foreach (var setting in KnownSettings.All.Values)
        {
            var at = Array.FindIndex(lines, l => l.TrimStart('#').StartsWith(setting.Name + "=", StringComparison.Ordinal));
            Assert.Equal(setting.HasNoEffectYet, lines[at - 1].Contains("; no effect yet (", StringComparison.Ordinal));
        }
    }
}
