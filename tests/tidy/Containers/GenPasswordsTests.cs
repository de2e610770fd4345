using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests.Containers;

/// <summary>gen-passwords.sh in a folder of its own, with a docker that only writes down what it is asked.</summary>
public sealed partial class GenPasswordsTests : IDisposable
{
    private const string Engine = """
        case "$1 $*" in
          ps*compose.service*) cat services ;;
          ps*config_files*) echo "$PWD/docker-compose.yml,$PWD/etherpad.yml" ;;
          ps*compose.project\"*) echo meet ;;
          compose*version*) exit 0 ;;
          compose*) echo "$JITSIMESH_PULL_POLICY $*" >>calls; [ ! -e broken ] ;;
          *) exit 3 ;;
        esac
        """;

    private readonly Shell _shell = new Shell().With("gen-passwords.sh");

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void What_is_missing_is_made_and_what_is_there_stays()
    {
        _shell.Write(".env", "PUBLIC_URL=https://meet.example.org\nJVB_AUTH_PASSWORD=\nMESH_REDIS_PASSWORD=of-the-operator");

        Assert.Equal(0, Generate().Code);

        var values = Values();
        Assert.Equal("https://meet.example.org", values["PUBLIC_URL"]);
        Assert.Equal("of-the-operator", values["MESH_REDIS_PASSWORD"]);
        foreach (var name in new[] { "JVB_AUTH_PASSWORD", "JICOFO_AUTH_PASSWORD", "MESH_RABBITMQ_PASSWORD", "MESH_GRAFANA_PASSWORD" }) Assert.Matches("^[0-9a-f]{32}$", values[name]);
        Assert.Equal(values.Count, values.Values.Distinct(StringComparer.Ordinal).Count());
        foreach (var file in new[] { ".env", ".env.bak" }) Assert.Equal("600", _shell.Mode(file));

        var first = _shell.Read(".env");
        Assert.Contains(" 0 secrets written", Generate().Output, StringComparison.Ordinal);
        Assert.Equal(first, _shell.Read(".env"));
    }

    [Fact]
    public void A_rotation_makes_all_anew_and_starts_what_runs_with_its_files_and_numbers()
    {
        _shell.Command("docker", Engine);
        _shell.Write(".env", "");
        _shell.Write("services", "rabbitmq\nfocus\nfocus\netherpad\n");
        Generate();
        var before = Values();

        var (code, output) = Generate("--rotate");

        Assert.True(code == 0, output);
        var after = Values();
        Assert.Equal(before["MESH_GRAFANA_PASSWORD"], after["MESH_GRAFANA_PASSWORD"]);
        Assert.All(before.Where(b => b.Key != "MESH_GRAFANA_PASSWORD"), b => Assert.NotEqual(b.Value, after[b.Key]));
        var folder = _shell.Run("pwd").Output.Trim();
        Assert.Equal(
            $"never compose --project-name meet --file {folder}/docker-compose.yml --file {folder}/etherpad.yml up -d --no-build --scale focus=2 etherpad focus rabbitmq",
            _shell.Read("calls").Trim());
        Assert.DoesNotContain(after["MESH_RABBITMQ_PASSWORD"], output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rotation_where_nothing_runs_says_what_is_to_be_done()
    {
        _shell.Command("docker", Engine);
        _shell.Write(".env", "");
        _shell.Write("services", "");

        var (code, output) = Generate("--rotate");

        Assert.Equal(0, code);
        Assert.Contains("docker compose up -d", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_shell.At("calls")));
    }

    [Fact]
    public void A_rotation_whose_containers_do_not_start_ends_with_the_command_to_repeat()
    {
        _shell.Command("docker", Engine);
        _shell.Write(".env", "");
        _shell.Write("services", "redis\n");
        _shell.Write("broken", "");

        var (code, output) = Generate("--rotate");

        Assert.Equal(1, code);
        Assert.Matches("docker compose --project-name meet .* up -d", output);
    }

    [Fact]
    public void Nothing_is_written_without_a_file_or_with_a_word_that_it_does_not_know()
    {
        Assert.Equal(1, Generate().Code);
        _shell.Write(".env", "A=1\n");
        Assert.Equal(2, Generate("--rotat").Code);
        Assert.Equal("A=1\n", _shell.Read(".env"));
    }

    private (int Code, string Output) Generate(params string[] arguments) => _shell.Run("bash", ["gen-passwords.sh", .. arguments]);

    private Dictionary<string, string> Values() => Line().Matches(_shell.Read(".env")).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value, StringComparer.Ordinal);

    [GeneratedRegex("^([A-Z_]+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();
}
