using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Files;

namespace JitsiMesh.Hosting.Tests.Settings;

/// <summary>The cases of the compose specification's "Env_file format" and "Interpolation", each as docker compose reads it.</summary>
public sealed class EnvFileTests
{
    private const string Given = "GIVEN";

    [Theory]
    // Blank lines, comments, blanks around names and values
    [InlineData("A=1", "1")]
    [InlineData("  A=1", "1")]
    [InlineData("A = 1  ", "1")]
    [InlineData("A=", "")]
    [InlineData("# A=2\n\nA=1\n", "1")]
    [InlineData("   # said aside\nA=1", "1")]
    [InlineData("A=1\r\nB=2\r\n", "1")]
    [InlineData("\uFEFFA=1", "1")]
    [InlineData("A=1\nA=2", "2")]
    [InlineData("A=one two", "one two")]
    [InlineData("export A=1", "1")]
    [InlineData("export\tA=1", "1")]
    [InlineData("A: 1", "1")]
    [InlineData("A:1", "1")]
    [InlineData("A=b=c", "b=c")]
    [InlineData("A=amqp://u:p@h/v", "amqp://u:p@h/v")]
    // Comments behind values
    [InlineData("A=1 # said aside", "1")]
    [InlineData("A=1# part of it", "1# part of it")]
    [InlineData("A=a#b", "a#b")]
    [InlineData("A='1 # part of it'", "1 # part of it")]
    [InlineData("A=\"1 # part of it\"", "1 # part of it")]
    [InlineData("A='1' # said aside", "1")]
    [InlineData("A=\"1\"#said aside", "1")]
    // Quotes
    [InlineData("A='1'", "1")]
    [InlineData("A=\"1\"", "1")]
    [InlineData("A=''", "")]
    [InlineData("A=' 1 '", " 1 ")]
    [InlineData("A='it\\'s'", "it's")]
    [InlineData("A=\"a \\\"b\\\"\"", "a \"b\"")]
    [InlineData("A='a\\nb'", "a\\nb")]
    [InlineData("A=\"a\\nb\"", "a\nb")]
    [InlineData("A=\"a\\tb\"", "a\tb")]
    [InlineData("A=\"a\\\\b\"", "a\\b")]
    [InlineData("A=\"a\\xb\"", "a\\xb")]
    [InlineData("A=\"\\0123\"", "S")]
    [InlineData("A=a\\nb", "a\\nb")]
    [InlineData("A=\"one\ntwo\"\nB=3", "one\ntwo")]
    [InlineData("A='one\ntwo'\nB=3", "one\ntwo")]
    [InlineData("A=5\"", "5\"")]
    // Variables: of lines above, of the environment, which wins
    [InlineData("B=2\nA=$B", "2")]
    [InlineData("B=2\nA=${B}", "2")]
    [InlineData("B=2\nA=\"${B}3\"", "23")]
    [InlineData("B=2\nA='${B}'", "${B}")]
    [InlineData("A=${GIVEN}", "given")]
    [InlineData("GIVEN=here\nA=$GIVEN", "given")]
    [InlineData("GIVEN", "", "GIVEN", "given")]
    [InlineData("HTTPS_PORT=8443\nA=https://localhost:${HTTPS_PORT}", "https://localhost:8443")]
    [InlineData("A=$B\nB=2", "")]
    [InlineData("A=${B}x", "x")]
    [InlineData("B=1\nA=$B_C", "")]
    [InlineData("B=1\nA=$B-C", "1-C")]
    // Defaults
    [InlineData("A=${B:-d}", "d")]
    [InlineData("B=\nA=${B:-d}", "d")]
    [InlineData("B=\nA=${B-d}", "")]
    [InlineData("A=${B-d}", "d")]
    [InlineData("B=2\nA=${B:-d}", "2")]
    [InlineData("A=${B:-}", "")]
    [InlineData("A=${B:-two words}", "two words")]
    [InlineData("C=3\nA=${B:-${C}}", "3")]
    [InlineData("A=${B:-${C:-d}}", "d")]
    [InlineData("A=${B:-x}${C:-y}", "xy")]
    [InlineData("A=${B:-x}-${C-y}", "x-y")]
    [InlineData("C=3\nA=${B:-$C}", "3")]
    // Alternatives
    [InlineData("B=2\nA=${B:+alt}", "alt")]
    [InlineData("B=\nA=${B:+alt}", "")]
    [InlineData("B=\nA=${B+alt}", "alt")]
    [InlineData("A=${B+alt}", "")]
    // What must be set
    [InlineData("B=2\nA=${B:?missing}", "2")]
    [InlineData("B=\nA=${B?missing}", "")]
    // Dollar signs of the text's own
    [InlineData("A=$$B", "$B")]
    [InlineData("A=$${B}", "${B}")]
    [InlineData("A=\"\\$B\"", "$B")]
    [InlineData("A='pa$$word'", "pa$$word")]
    [InlineData("A=5$", "5$")]
    [InlineData("A=$5", "$5")]
    [InlineData("A=a$ b", "a$ b")]
    public void A_line_is_read_as_compose_does(string text, string expected, string name = "A", string? expectedOfName = null)
    {
        var read = EnvFile.Read(text, variable => variable == Given ? "given" : null);

        Assert.Null(read.Problem);
        Assert.Equal(expectedOfName ?? expected, read.Values[name].Text);
    }

    [Theory]
    [InlineData("A=1\nnon sense\n", 2, "has a name with a blank in it")]
    [InlineData("A=1\n\nB!=2", 3, "is not NAME=value")]
    [InlineData("=1", 1, "is not NAME=value")]
    [InlineData("A='x\nB=2", 1, "begins a quoted value that does not end")]
    [InlineData("A='x' y", 1, "has text after the closing quote")]
    [InlineData("B=1\nMESH_FRAME_ANCESTORS='self' https://portal.example", 2, "has text after the closing quote")]
    [InlineData("A=${}", 1, "has ${ }")]
    [InlineData("A=${1B}", 1, "has ${ }")]
    [InlineData("A=${B!x}", 1, "has ${ }")]
    [InlineData("A=${B", 1, "begins ${")]
    [InlineData("A=${B:?must be there}", 1, "needs B, which is not set")]
    [InlineData("B=\nA=${B:?must be there}", 2, "needs B, which is not set")]
    [InlineData("A=\"\n\n${B?x}\"\nC=1", 1, "needs B, which is not set")]
    public void What_compose_refuses_is_refused_with_its_line(string text, int line, string problem)
    {
        var read = EnvFile.Read(text);

        Assert.Equal(line, read.BadLine);
        Assert.StartsWith(problem, read.Problem, StringComparison.Ordinal);
        Assert.Empty(read.Values);
    }

    [Fact]
    public void Each_value_knows_its_line_and_a_variable_that_nothing_sets_is_told()
    {
        var read = EnvFile.Read("# x\nA=\"one\ntwo\"\nB=$NOBODY\n\nexport C='3'\n");

        Assert.Equal([2, 4, 6], new[] { "A", "B", "C" }.Select(name => read.Values[name].Line));
        Assert.Equal([("B", "NOBODY", 4)], read.Blanks);
    }

    [Fact]
    public void A_short_file_cannot_ask_for_much_memory_or_a_deep_stack()
    {
        var doubled = "A0=xxxxxxxxxxxxxxxx\n" + string.Join('\n', Enumerable.Range(1, 60).Select(i => $"A{i}=$A{i - 1}$A{i - 1}"));
        Assert.Contains("characters", EnvFile.Read(doubled).Problem, StringComparison.Ordinal);

        var deep = "A=" + string.Concat(Enumerable.Repeat("${B:-", 5000)) + new string('}', 5000);
        Assert.Contains("inside each other", EnvFile.Read(deep).Problem, StringComparison.Ordinal);

        var blanks = EnvFile.Read("A=" + string.Concat(Enumerable.Repeat("$B", 5000)));
        Assert.True(blanks.Blanks.Count <= EnvFileLimits.Nesting);
    }

    [Fact]
    public void Settings_of_a_file_name_it_with_the_line_and_the_environment_wins()
    {
        var texts = MeshSettingsFile.Read("JVB_PORT=10001\n\nHTTP_PORT=8001\nXMPP_DOMAIN=$DOMAN\n", ("HTTP_PORT", "8002"), ("LOG_LEVEL", ""));

        Assert.Equal("test.env line 1", texts.OriginOf(KnownSettings.JvbPort).ToString());
        Assert.Equal("environment", texts.OriginOf(KnownSettings.HttpPort).ToString());
        Assert.Equal("default", texts.OriginOf(KnownSettings.LogLevel).ToString());
        Assert.Equal(8002, texts.HttpPort.Port);
        Assert.Contains("XMPP_DOMAIN: $DOMAN in test.env line 4 is not set and counts as empty; $$ stands for a dollar sign", texts.Warnings);
    }
}
