using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.EdgeProxy.WebRoot;

namespace JitsiMesh.EdgeProxy.Tests.WebRoot;

/// <summary>Pages as Jitsi Meet's own are written: static/close2.html, static/404.html and so on.</summary>
public sealed class ServerSideIncludesTests
{
    [Fact]
    public async Task The_page_takes_in_what_its_includes_name()
    {
        await using var edge = await StartAsync(
            ("index.html", """<!--#include virtual="head.html" --><script><!--#include virtual="/config.js" --></script><!--# echo var="subdir" default="none" --><!--#include virtual="loop.html" -->"""),
            ("head.html", "<title>head</title>"),
            ("loop.html", """<!--#include virtual="loop.html" -->end"""));

        var page = await edge.Https.GetStringAsync(new Uri("/acme/room", UriKind.Relative));

        Assert.StartsWith("<title>head</title><script>", page, StringComparison.Ordinal);
        Assert.Contains("muc.acme.meet.jitsi", page, StringComparison.Ordinal);
        Assert.Contains("</script>acme/", page, StringComparison.Ordinal);
        Assert.EndsWith("endendendend", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/static/close2.html", "muc.meet.jitsi")]
    [InlineData("/acme/static/close2.html", "muc.acme.meet.jitsi")]
    [InlineData("/a/b/Acme.Corp/static/close2.html", "muc.acme_corp.meet.jitsi")]
    public async Task Every_page_of_the_folder_takes_in_what_its_includes_name(string path, string muc)
    {
        await using var edge = await StartAsync(
            ("base.html", "<base href=\"/\" />"),
            ("static/beside.html", "<i>beside</i>"),
            ("static/close2.html", """<!--#include virtual="/base.html" --><script><!--#include virtual="/interface_config.js" --></script><script><!--#include virtual='/config.js' --></script><!--#include virtual="beside.html" -->"""));

        var answer = await edge.Https.GetAsync(new Uri(path, UriKind.Relative));
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("<base href=\"/\" /><script>var interfaceConfig", page, StringComparison.Ordinal);
        Assert.Contains($"\"{muc}\"", page, StringComparison.Ordinal);
        Assert.EndsWith("<i>beside</i>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<!--#", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_what_is_not_there_is_the_clients_own()
    {
        await using var edge = await StartAsync(("base.html", "<base href=\"/\" />"), ("static/404.html", """<!--#include virtual="/base.html" --><h2>404 of the client</h2>"""));

        foreach (var path in new[] { "/libs/none.js", "/acme/libs/none.js", "/a:b", "/My%20Team/room" })
        {
            var answer = await edge.Https.GetAsync(new Uri(path, UriKind.Relative));

            Assert.Equal(404, (int)answer.StatusCode);
            Assert.Equal("<base href=\"/\" /><h2>404 of the client</h2>", await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("../secret.html")]
    [InlineData("/../secret.html")]
    [InlineData("static/../../secret.html")]
    [InlineData("..\\secret.html")]
    [InlineData("/.hidden.html")]
    [InlineData("none.html")]
    [InlineData("")]
    [InlineData("https://evil.example/x.html")]
    public async Task An_include_does_not_leave_the_folder(string target)
    {
        await using var edge = await StartAsync(
            ("page.html", $"""a<!--#include virtual="{target}" -->b"""), ("../secret.html", "top secret"), (".hidden.html", "top secret"));

        Assert.Equal("ab", await edge.Https.GetStringAsync(new Uri("/page.html", UriKind.Relative)));
    }

    [Fact]
    public async Task Includes_that_multiply_end_at_their_limits()
    {
        var fan = string.Concat(Enumerable.Repeat("""<!--#include virtual="fan.html" -->""", 20)) + "leaf";
        await using var edge = await StartAsync(
            ("fan.html", fan), ("huge.html", new string('x', IncludeLimits.Characters / 3)), ("many.html", string.Concat(Enumerable.Repeat("""<!--#include virtual="huge.html" -->""", 20))));

        var page = await edge.Https.GetStringAsync(new Uri("/fan.html", UriKind.Relative));
        Assert.Equal(IncludeLimits.Includes + 1, page.Split("leaf").Length - 1);
        Assert.True((await edge.Https.GetStringAsync(new Uri("/many.html", UriKind.Relative))).Length <= IncludeLimits.Characters);
    }

    [Theory]
    [InlineData("""<!--# echo var="subdomain" default="" -->""", "Acme.")]
    [InlineData("""<!--# echo var="subdir" encoding="none" -->""", "Acme/")]
    [InlineData("""<!--# echo var="subdir" encoding="url" -->""", "Acme%2F")]
    [InlineData("""<!--# echo var="other" default="<b>" -->""", "&lt;b&gt;")]
    [InlineData("""<!--# echo -->""", "")]
    [InlineData("""<!--# set var="x" value="y" -->""", "")]
    public async Task A_directive_is_its_value(string directive, string expected)
    {
        await using var edge = await StartAsync(("page.html", $"[{directive}]"));

        Assert.Equal($"[{expected}]", await edge.Https.GetStringAsync(new Uri("/Acme/page.html", UriKind.Relative)));
    }

    private static Task<RunningEdge> StartAsync(params (string Path, string Text)[] files) => RunningEdge.StartAsync(folder =>
    {
        foreach (var (path, text) in files)
        {
            var full = Path.GetFullPath(Path.Combine(folder, "www", path));
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }
    });
}
