using System.Text.Json.Nodes;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Commands;

namespace JitsiMesh.Hosting.Tests.Settings;

public sealed class SettingsCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mesh-upgrade");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_is_in_force_says_where_it_comes_from()
    {
        var settings = MeshSettingsFile.Read("XMPP_DOMAIN=example.org\nJVB_AUTH_PASSWORD=0123456789abcdef\nDOCKER_HOST_ADDRESS=192.0.2.1\n", ("JVB_PORT", "10001"));

        var values = EffectiveValues.Of(settings).ToDictionary(value => value.Setting.Name, value => (value.Text, value.Origin.ToString()), StringComparer.Ordinal);
        Assert.Equal(KnownSettings.All.Count, values.Count);
        Assert.Equal(("example.org", "test.env line 1"), values["XMPP_DOMAIN"]);
        Assert.Equal(("muc.example.org", "derived from XMPP_DOMAIN"), values["XMPP_MUC_DOMAIN"]);
        Assert.Equal(("***", "test.env line 2"), values["JVB_AUTH_PASSWORD"]);
        Assert.Equal(("", "default"), values["JICOFO_AUTH_PASSWORD"]);
        Assert.Equal(("192.0.2.1", "derived from DOCKER_HOST_ADDRESS"), values["JVB_ADVERTISE_IPS"]);
        Assert.Equal(("10001", "environment"), values["JVB_PORT"]);
        Assert.Equal(("8000", "default"), values["HTTP_PORT"]);
    }

    [Fact]
    public void Errors_are_those_of_the_service_that_is_asked_for()
    {
        var settings = MeshSettingsFile.Read("JVB_PORT=abc\nXMPP_MUC_MODULES=muc_ban_ip\n");

        Assert.Equal(["JVB_PORT", "JVB_AUTH_PASSWORD"], SettingsCommand.ErrorsOf(settings, "media-bridge").Select(error => error.Split(':')[0]));
        Assert.Equal(["XMPP_MUC_MODULES", "JICOFO_AUTH_PASSWORD"], SettingsCommand.ErrorsOf(settings, "signalling").Select(error => error.Split(':')[0]));
        Assert.Equal(["JVB_PORT", "XMPP_MUC_MODULES"], SettingsCommand.ErrorsOf(settings, "all-in-one").Select(error => error.Split(':')[0]));
        Assert.Empty(SettingsCommand.ErrorsOf(settings, "edge-proxy"));
    }

    [Fact]
    public void Each_kind_of_line_of_an_old_file_is_told_with_its_place()
    {
        var (code, text, _) = Run("upgrade", "--check", File("""
            # of 2019
            HTTP_PORT=8000
            DOCKER_HOST_ADDRESS=192.0.2.1
            ENABLE_LIPSYNC=1
            JIBRI_RECORDING_DIR=/r
            SENTRY_DSN=https://k@sentry.example/1
            JVB_PROT=1
            GC_TYPE=incremental
            PATH_OF_MINE=/x
            EMPTY=
            """));

        Assert.Equal(0, code);
        Assert.Equal(
            [
                "renamed to: 1", "  line 3    DOCKER_HOST_ADDRESS: JVB_ADVERTISE_IPS; still honoured",
                "dropped: 1", "  line 4    ENABLE_LIPSYNC: it has no successor: clients have no such option any more",
                "needs a later part: 1", "  line 5    JIBRI_RECORDING_DIR: takes effect with recording and streaming, of which this version has none",
                "no effect: 1", "  line 6    SENTRY_DSN: errors are reported to no Sentry",
                "unknown: 1", "  line 7    JVB_PROT: not a known setting; did you mean JVB_PORT?",
                "not needed: 1", "  line 8    GC_TYPE: there is no Lua whose garbage collector it could tune",
                "has effect: 1", "  line 2    HTTP_PORT",
            ],
            text.Split('\n').Skip(1).Where(line => line.Length > 0).Take(14));
        Assert.Contains("needed by services of their own: JICOFO_AUTH_PASSWORD", text, StringComparison.Ordinal);
        Assert.EndsWith("It starts here as it is.\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_value_and_security_that_is_not_acted_on_are_errors_and_no_secret_is_printed()
    {
        var path = File("JVB_PORT=abc\nXMPP_MUC_MODULES=muc_ban_ip\nJICOFO_AUTH_PASSWORD=hunter2\nTURN_CREDENTIALS=a-secret-value\n");

        var (code, text, _) = Run("upgrade", "--check", path, "--json");

        Assert.Equal(1, code);
        var report = JsonNode.Parse(text)!;
        Assert.False((bool)report["starts"]!);
        Assert.Equal(["badValue JVB_PORT", "badValue JICOFO_AUTH_PASSWORD", "stops XMPP_MUC_MODULES", "hasEffect TURN_CREDENTIALS"],
            report["names"]!.AsArray().Select(name => $"{name!["verdict"]} {name["name"]}"));
        Assert.Equal(2, (int)report["counts"]!["badValue"]!);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-value", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "upgrade")]
    [InlineData(2, "upgrade", "--check")]
    [InlineData(2, "upgrade", "x")]
    [InlineData(1, "upgrade", "--check", "/no/such/file")]
    [InlineData(2, "config", "--loud")]
    [InlineData(2, "config", "--get", "PATH")]
    [InlineData(2, "config", "--service", "prosody")]
    [InlineData(2, "config", "--service")]
    public void What_is_not_understood_is_said(int code, params string[] args)
    {
        var (result, _, error) = Run(args);

        Assert.Equal(code, result);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void A_file_that_compose_would_refuse_too_is_an_error_with_its_line()
    {
        var (code, _, error) = Run("upgrade", "--check", File("A=1\nB=${C\n"));

        Assert.Equal(1, code);
        Assert.StartsWith("FATAL: line 2 begins ${", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_the_machine_comes_into_a_container_by_the_standard_input()
    {
        var (code, text, _) = RunWith("HTTP_PORT=8000\nJVB_PORT=x\n", "upgrade", "--check", "-");
        var (_, _, error) = Run("upgrade", "--check", "/no/such/file");

        Assert.Equal(1, code);
        Assert.StartsWith("standard input: 2 names are set\n", text, StringComparison.Ordinal);
        Assert.Contains("  line 2    JVB_PORT: ", text, StringComparison.Ordinal);
        Assert.Contains("- stands for the standard input", error, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(params string[] args) => RunWith("", args);

    private static (int Code, string Output, string Error) RunWith(string input, params string[] args)
    {
        using var reader = new StringReader(input);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = SettingsCommand.Run(args, "all-in-one", output, error, reader);
        return (code, output.ToString(), error.ToString());
    }

    private string File(string text)
    {
        var path = Path.Combine(_folder.FullName, ".env");
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
