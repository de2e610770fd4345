using System.IO.Compression;
using System.Net;
using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.EdgeProxy.WebRoot;

namespace JitsiMesh.EdgeProxy.Tests.WebRoot;

public sealed class PageTests
{
    private const string Page = "text/html; charset=utf-8";
    private const string Script = "text/javascript; charset=utf-8";

    [Theory]
    [InlineData("/", 200, Page)]
    [InlineData("/room", 200, Page)]
    [InlineData("/acme/room", 200, Page)]
    [InlineData("/r%C3%A4um%20eins", 200, Page)]
    [InlineData("/a/b/c", 200, Page)]
    [InlineData("/a/b/c/d", 200, Page)]
    [InlineData("/acme/", 200, Page)]
    [InlineData("/ro'om", 404, Page)]
    [InlineData("/a:b/room", 404, Page)]
    [InlineData("/My%20Team/room", 404, Page)]
    [InlineData("/My%20Team/config.js", 404, Page)]
    [InlineData("/a%2Bb/room", 404, Page)]
    [InlineData("/a%5Bb/xmpp-websocket", 404, Page)]
    [InlineData("/%EF%BF%BE/room", 404, Page)]
    [InlineData("/B%C3%BCro/room", 200, Page)]
    [InlineData("/config.js", 200, Script)]
    [InlineData("/acme/config.js", 200, Script)]
    [InlineData("/a/b/c/config.js", 200, Script)]
    [InlineData("/B%C3%9CRO/config.js", 200, Script)]
    [InlineData("/interface_config.js", 200, Script)]
    [InlineData("/css/all.css", 200, "text/css; charset=utf-8")]
    [InlineData("/acme/css/all.css", 200, "text/css; charset=utf-8")]
    [InlineData("/a/b/css/all.css", 200, "text/css; charset=utf-8")]
    [InlineData("/external_api.js", 200, Script)]
    [InlineData("/acme/external_api.js", 200, Script)]
    [InlineData("/sounds/a.wav", 200, "audio/wav")]
    [InlineData("/libs/none.js", 404, Page)]
    [InlineData("/acme/libs/none.js", 404, Page)]
    [InlineData("/libs/", 404, Page)]
    [InlineData("/favicon.ico", 404, Page)]
    [InlineData("/.hidden", 404, Page)]
    [InlineData("/css/.hidden", 404, Page)]
    [InlineData("/..%2f..%2fsecret.txt", 404, Page)]
    [InlineData("/acme/..%2f..%2f..%2fsecret.txt", 404, Page)]
    [InlineData("/css/..%5c..%5csecret.txt", 404, Page)]
    [InlineData("/metrics", 404, Page)]
    [InlineData("/health", 404, Page)]
    [InlineData("/debug", 404, Page)]
    [InlineData("/debug/settings", 404, Page)]
    [InlineData("/about/version", 404, Page)]
    [InlineData("/_api/room-info", 404, Page)]
    [InlineData("/_load-test/room", 404, Page)]
    [InlineData("/rtc-visualizer/x", 404, Page)]
    [InlineData("/etherpad/p/x", 404, Page)]
    [InlineData("/colibri-ws/none/x/y", 404, "text/plain; charset=utf-8")]
    [InlineData("/Images", 200, Page)]
    [InlineData("/Health", 200, Page)]
    [InlineData("/HEALTH", 200, Page)]
    [InlineData("/Debug", 200, Page)]
    [InlineData("/About", 200, Page)]
    [InlineData("/Assets", 200, Page)]
    [InlineData("/assets", 200, Page)]
    [InlineData("/Metrics", 200, Page)]
    [InlineData("/Config.js", 200, Page)]
    [InlineData("/images", 200, Page)]
    [InlineData("/libs", 200, Page)]
    [InlineData("/_api", 404, Page)]
    [InlineData("/room-sizes", 200, Page)]
    [InlineData("/sessions", 404, Page)]
    [InlineData("/sessions?domain=meet.jitsi", 404, Page)]
    [InlineData("/room?room=a&domain=meet.jitsi", 404, Page)]
    [InlineData("/room?lang=de", 200, Page)]
    [InlineData("/acme/room?room=a", 200, Page)]
    [InlineData("/room-size?room=a&domain=meet.jitsi", 404, Page)]
    [InlineData("/_api/public/v1/config", 404, Page)]
    [InlineData("/_load-test/libs/x.js", 404, Page)]
    [InlineData("/rtcstats-ws/", 404, Page)]
    [InlineData("/rtc-visualizer", 404, Page)]
    [InlineData("/colibri-relay-ws/a/b", 404, Page)]
    [InlineData("/socket.io/?EIO=4", 404, Page)]
    [InlineData("/xmpp-websocket", 426, "text/plain; charset=utf-8")]
    [InlineData("/acme/xmpp-websocket?room=a", 426, "text/plain; charset=utf-8")]
    [InlineData("/about/health", 200, "text/plain")]
    [InlineData("/healthz/live", 200, "text/plain")]
    public async Task Each_path_has_its_answer(string path, int status, string type)
    {
        await using var edge = await StartAsync();

        var answer = await edge.Https.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("max-age=63072000", answer.Headers.GetValues("Strict-Transport-Security").Single());
        Assert.False(answer.Headers.Contains("Server"));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.NotEmpty(text);
        Assert.DoesNotContain("top secret", text, StringComparison.Ordinal);
        Assert.Equal(status == 200 && type == Page, text.Contains("the client", StringComparison.Ordinal));
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

    [Fact]
    public async Task A_method_that_no_page_answers_is_told_which_do()
    {
        await using var edge = await StartAsync();

        var answer = await edge.Https.PostAsync(new Uri("/room", UriKind.Relative), new StringContent("x"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
        Assert.NotEmpty(await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_without_a_body_for_HEAD()
    {
        await using var edge = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/libs/none.js");

        var answer = await edge.Https.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.True(answer.Content.Headers.ContentLength > 100);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task What_is_reserved_never_answers_with_the_page_of_a_room()
    {
        await using var edge = await StartAsync();
        foreach (var name in ReservedNames.Names.Where(n => n != "index.html").SelectMany(n => new[] { "/" + n, $"/{n}/room", $"/acme/{n}/room", $"/{n}/" }).Concat(ReservedNames.Folders.Select(f => $"/{f}/room")))
        {
            var text = await (await edge.Https.GetAsync(new Uri(name, UriKind.Relative))).Content.ReadAsStringAsync();

            Assert.False(text.Contains("the client", StringComparison.Ordinal), name);
        }
    }

    [Fact]
    public async Task The_door_of_the_IFrame_API_says_which_file_a_client_without_it_lacks()
    {
        await using var edge = await RunningEdge.StartAsync();

        var answer = await edge.Https.GetAsync(new Uri("/external_api.js", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("WEB_ROOT", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_ENABLE_SUBDOMAINS_there_are_no_tenants()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("ENABLE_SUBDOMAINS", "0"));

        Assert.Equal(HttpStatusCode.OK, (await edge.Https.GetAsync(new Uri("/room", UriKind.Relative))).StatusCode);
        foreach (var path in new[] { "/acme/room", "/acme/config.js", "/acme/" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await edge.Https.GetAsync(new Uri(path, UriKind.Relative))).StatusCode);
        }
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
