using System.Text.RegularExpressions;
using JitsiMesh.EdgeProxy.Tests.Kit;

namespace JitsiMesh.EdgeProxy.Tests.WebRoot;

/// <summary>A folder of the shape of the official Jitsi Meet web app (/usr/share/jitsi-meet in Jitsi's web container), served as WEB_ROOT.</summary>
public sealed partial class StockAppTests
{
    private const string Index = """
        <html>
          <head>
            <!--#include virtual="head.html" -->
            <meta charset="utf-8">
            <!--#include virtual="base.html" -->
            <link rel="apple-touch-icon" href="images/apple-touch-icon.png">
            <link rel="stylesheet" href="css/all.css?v=9909">
            <link rel="manifest" id="manifest-placeholder">
            <!--#include virtual="title.html" -->
            <!--#include virtual="plugin.head.html" -->
            <!--#include virtual="fonts.html"-->
            <script><!--#include virtual="/config.js" --></script><!-- adapt to your needs -->
            <script><!--#include virtual="/interface_config.js" --></script>
            <script>window.indexLoadedTime = performance.now();</script>
            <script src="libs/lib-jitsi-meet.min.js?v=9909"></script>
            <script src="libs/app.bundle.min.js?v=9909"></script>
          </head>
          <body>
            <!--#include virtual="body.html" -->
            <div id="react" role="main"></div>
          </body>
        </html>
        """;

    [Theory]
    [InlineData("/", "muc.meet.jitsi")]
    [InlineData("/standup", "muc.meet.jitsi")]
    [InlineData("/acme/standup", "muc.acme.meet.jitsi")]
    [InlineData("/static/close2.html", "muc.meet.jitsi")]
    [InlineData("/acme/static/close2.html", "muc.acme.meet.jitsi")]
    public async Task A_page_has_all_that_it_includes(string path, string muc)
    {
        await using var edge = await StartAsync();

        var page = await edge.Https.GetStringAsync(new Uri(path, UriKind.Relative));

        Assert.DoesNotContain("<!--#", page, StringComparison.Ordinal);
        Assert.Contains("var config = ", page, StringComparison.Ordinal);
        Assert.Contains($"\"{muc}\"", page, StringComparison.Ordinal);
        Assert.Contains("APP_NAME: 'Jitsi Meet'", page, StringComparison.Ordinal);
        Assert.Contains("<base href=\"/\" />", page, StringComparison.Ordinal);
        if (!path.Contains("close2", StringComparison.Ordinal))
        {
            foreach (var part in new[] { "<title>Our meetings</title>", "<!-- head -->", "<!-- plugin -->", "<style>/* fonts */</style>", "<noscript>" }) Assert.Contains(part, page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/external_api.js", "text/javascript; charset=utf-8", "external api")]
    [InlineData("/acme/external_api.js", "text/javascript; charset=utf-8", "external api")]
    [InlineData("/libs/external_api.min.js", "text/javascript; charset=utf-8", "external api")]
    [InlineData("/libs/app.bundle.min.js?v=9909", "text/javascript; charset=utf-8", "app")]
    [InlineData("/libs/rnnoise.wasm", "application/wasm", "wasm")]
    [InlineData("/pwa-worker.js", "text/javascript; charset=utf-8", "worker")]
    [InlineData("/acme/pwa-worker.js", "text/javascript; charset=utf-8", "worker")]
    [InlineData("/manifest.json", "application/json; charset=utf-8", "manifest")]
    [InlineData("/acme/manifest.json", "application/json; charset=utf-8", "manifest")]
    [InlineData("/lang/main-de.json", "application/json; charset=utf-8", "Sprache")]
    [InlineData("/acme/lang/main-de.json", "application/json; charset=utf-8", "Sprache")]
    [InlineData("/sounds/joined.opus", "audio/ogg", "opus")]
    [InlineData("/images/virtual-background/background-1.jpg", "image/jpeg", "jpg")]
    [InlineData("/.well-known/assetlinks.json", "application/json; charset=utf-8", "links")]
    public async Task A_file_is_found_with_and_without_a_tenant(string path, string type, string text)
    {
        await using var edge = await StartAsync();

        var answer = await edge.Https.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(text, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Every_file_that_the_page_names_is_there()
    {
        await using var edge = await StartAsync();
        var page = await edge.Https.GetStringAsync(new Uri("/acme/standup", UriKind.Relative));
        var names = FileName().Matches(page).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(["images/apple-touch-icon.png", "css/all.css?v=9909", "libs/lib-jitsi-meet.min.js?v=9909", "libs/app.bundle.min.js?v=9909"], names);
        foreach (var name in names) Assert.True((await edge.Https.GetAsync(new Uri("/" + name, UriKind.Relative))).IsSuccessStatusCode, name);
    }

    [Fact]
    public async Task What_is_missing_answers_with_the_apps_own_page()
    {
        await using var edge = await StartAsync();

        var answer = await edge.Https.GetAsync(new Uri("/acme/static/none.html", UriKind.Relative));

        Assert.Equal(404, (int)answer.StatusCode);
        Assert.Equal("<base href=\"/\" /><h2>404 of the app</h2>", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_policy_forbids_nothing_that_the_app_does()
    {
        await using var edge = await StartAsync();

        var answer = await edge.Https.GetAsync(new Uri("/standup", UriKind.Relative));
        var directives = answer.Headers.GetValues("Content-Security-Policy").Single().Split(';', StringSplitOptions.TrimEntries).Select(d => d.Split(' ')[0]);

        // Inline scripts, WebAssembly, blob: workers, frames of documents, and pages that embed it: no directive speaks of them. Its base is its own server.
        Assert.Equal(["object-src", "base-uri"], directives);
        Assert.False(answer.Headers.Contains("X-Frame-Options"));
        Assert.False(answer.Headers.Contains("Cross-Origin-Embedder-Policy"));
    }

    private static Task<RunningEdge> StartAsync() => RunningEdge.StartAsync(folder =>
    {
        void Write(string path, string text)
        {
            var full = Path.Combine(folder, "www", path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }

        Write("index.html", Index);
        Write("head.html", "<!-- head -->");
        Write("base.html", "<base href=\"/\" />");
        Write("title.html", "<title>Our meetings</title>");
        Write("plugin.head.html", "<!-- plugin -->");
        Write("fonts.html", "<style>/* fonts */</style>");
        Write("body.html", "<noscript>JavaScript</noscript>");
        Write("interface_config.js", "var interfaceConfig = { APP_NAME: 'Jitsi Meet' };");
        Write("static/close2.html", "<!--#include virtual=\"/base.html\" --><script><!--#include virtual=\"/config.js\" --></script><script><!--#include virtual=\"/interface_config.js\" --></script>");
        Write("static/404.html", "<!--#include virtual=\"/base.html\" --><h2>404 of the app</h2>");
        Write("libs/external_api.min.js", "external api");
        Write("libs/lib-jitsi-meet.min.js", "lib");
        Write("libs/app.bundle.min.js", "app");
        Write("libs/rnnoise.wasm", "wasm");
        Write("css/all.css", "css");
        Write("images/apple-touch-icon.png", "png");
        Write("images/virtual-background/background-1.jpg", "jpg");
        Write("lang/main-de.json", "Sprache");
        Write("sounds/joined.opus", "opus");
        Write("pwa-worker.js", "worker");
        Write("manifest.json", "manifest");
        Write(".well-known/assetlinks.json", "links");
        File.CreateSymbolicLink(Path.Combine(folder, "www", "external_api.js"), Path.Combine(folder, "www", "libs", "external_api.min.js"));
    });

    [GeneratedRegex("(?:src|href)=\"([a-z][^\"]+)\"")]
    private static partial Regex FileName();
}
