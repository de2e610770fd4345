using System.IO.Compression;
using System.Net;
using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.EdgeProxy.WebRoot;

namespace JitsiMesh.EdgeProxy.Tests.WebRoot;

public sealed class PageTests
{
    [Theory]
    [InlineData("/", 200, "text/html; charset=utf-8")]
    [InlineData("/room", 200, "text/html; charset=utf-8")]
    [InlineData("/acme/room", 200, "text/html; charset=utf-8")]
    [InlineData("/r%C3%A4um%20eins", 200, "text/html; charset=utf-8")]
    [InlineData("/a/b/c", 404, null)]
    [InlineData("/ro'om", 404, null)]
    [InlineData("/config.js", 200, "text/javascript; charset=utf-8")]
    [InlineData("/acme/config.js", 200, "text/javascript; charset=utf-8")]
    [InlineData("/interface_config.js", 200, "text/javascript; charset=utf-8")]
    [InlineData("/css/all.css", 200, "text/css; charset=utf-8")]
    [InlineData("/acme/css/all.css", 200, "text/css; charset=utf-8")]
    [InlineData("/external_api.js", 200, "text/javascript; charset=utf-8")]
    [InlineData("/sounds/a.wav", 200, "audio/wav")]
    [InlineData("/libs/none.js", 404, null)]
    [InlineData("/favicon.ico", 404, null)]
    [InlineData("/.hidden", 404, null)]
    [InlineData("/css/.hidden", 404, null)]
    [InlineData("/..%2f..%2fsecret.txt", 404, null)]
    [InlineData("/css/..%5c..%5csecret.txt", 404, null)]
    [InlineData("/metrics", 404, null)]
    [InlineData("/debug/settings", 404, null)]
    [InlineData("/about/health", 200, "text/plain")]
    [InlineData("/healthz/live", 200, "text/plain")]
    public async Task Each_path_has_its_answer(string path, int status, string? type)
    {
        await using var edge = await StartAsync();

        var answer = await edge.Https.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(status, (int)answer.StatusCode);
        if (type is not null) Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("max-age=63072000", answer.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.False(answer.Headers.Contains("Server"));
        Assert.DoesNotContain("top secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_text_file_is_sent_compressed_and_asked_about_again(string encoding)
    {
        await using var edge = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/css/all.css");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "deflate, " + encoding);

        var answer = await edge.Https.SendAsync(request);

        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.Single());
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
        Assert.Equal("Accept-Encoding", answer.Headers.Vary.Single());
        await using var body = await answer.Content.ReadAsStreamAsync();
        await using Stream plain = encoding == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        Assert.Equal(Css, await reader.ReadToEndAsync());

        using var again = new HttpRequestMessage(HttpMethod.Get, "/css/all.css");
        again.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await edge.Https.SendAsync(again)).StatusCode);
    }

    [Fact]
    public async Task A_file_with_a_version_is_kept_for_a_year_and_the_scripts_never()
    {
        await using var edge = await StartAsync();

        var file = await edge.Https.GetAsync(new Uri("/css/all.css?v=7", UriKind.Relative));
        var script = await edge.Https.GetAsync(new Uri("/config.js", UriKind.Relative));

        Assert.Equal(TimeSpan.FromDays(365), file.Headers.CacheControl?.MaxAge);
        Assert.Equal("*", file.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.True(script.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task The_page_takes_in_what_its_includes_name()
    {
        await using var edge = await RunningEdge.StartAsync(folder =>
        {
            File.WriteAllText(Path.Combine(folder, "www", "index.html"), """<!--#include virtual="head.html" --><script><!--#include virtual="/config.js" --></script><!--# echo var="subdir" default="none" --><!--#include virtual="loop.html" -->""");
            File.WriteAllText(Path.Combine(folder, "www", "head.html"), "<title>head</title>");
            File.WriteAllText(Path.Combine(folder, "www", "loop.html"), """<!--#include virtual="loop.html" -->end""");
        });

        var page = await edge.Https.GetStringAsync(new Uri("/acme/room", UriKind.Relative));

        Assert.StartsWith("<title>head</title><script>", page, StringComparison.Ordinal);
        Assert.Contains("muc.acme.meet.jitsi", page, StringComparison.Ordinal);
        Assert.Contains("</script>acme/", page, StringComparison.Ordinal);
        Assert.EndsWith("endendendend", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operators_own_scripts_come_last_and_a_value_cannot_end_the_script()
    {
        await using var edge = await RunningEdge.StartAsync(
            folder =>
            {
                Directory.CreateDirectory(Path.Combine(folder, "web"));
                File.WriteAllText(Path.Combine(folder, "web", "custom-config.js"), "config.resolution = 360;");
            },
            ("DEFAULT_LANGUAGE", "</script><script>alert('x')"));

        var script = await edge.Https.GetStringAsync(new Uri("/config.js", UriKind.Relative));

        Assert.EndsWith("config.resolution = 360;\n", script, StringComparison.Ordinal);
        Assert.DoesNotContain("</script>", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_PUBLIC_URL_the_addresses_are_those_of_the_page()
    {
        await using var edge = await StartAsync();

        var script = await edge.Https.GetStringAsync(new Uri("/config.js", UriKind.Relative));

        Assert.Contains($"wss://{edge.HttpsAddress.Authority}/xmpp-websocket", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/room", true, "", "room")]
    [InlineData("/acme/room", true, "acme", "room")]
    [InlineData("/", false, "", "")]
    [InlineData("/libs/room", false, "", "")]
    [InlineData("/acme/config.js", false, "", "")]
    [InlineData("/HTTP-BIND", false, "", "")]
    [InlineData("/a:b", false, "", "")]
    public void TryParse_EachPath_TellsRooms(string path, bool expected, string tenant, string room)
    {
        Assert.Equal(expected, RoomPath.TryParse(path, out var gotTenant, out var gotRoom));
        if (expected) Assert.Equal((tenant, room), (gotTenant, gotRoom));
    }

    private static string Css { get; } = string.Concat(Enumerable.Repeat("body { color: red }\n", 100));

    private static Task<RunningEdge> StartAsync() => RunningEdge.StartAsync(folder =>
    {
        void Write(string path, string text)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }

        Write("secret.txt", "top secret");
        Write("www/.hidden", "top secret");
        Write("www/css/.hidden", "top secret");
        Write("www/css/all.css", Css);
        Write("www/libs/external_api.min.js", "x");
        Write("www/sounds/a.wav", "RIFF");
    });
}
