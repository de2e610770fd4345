using System.Net;
using JitsiMesh.EdgeProxy.Tests.Kit;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

/// <summary>Everything below a path of the host: PUBLIC_URL=https://meet.example.com/meet/.</summary>
public sealed class PublicBaseTests
{
    private const string Url = "https://meet.example.com/meet/";

    [Theory]
    // With the path, and without it where the proxy in front takes it off.
    [InlineData("/meet/")]
    [InlineData("/meet/room")]
    [InlineData("/meet/acme/room")]
    [InlineData("/room")]
    public async Task A_page_is_found_below_the_path(string path)
    {
        await using var edge = await RunningEdge.StartAsync(null, ("PUBLIC_URL", Url));

        var answer = await edge.Https.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("the client", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/meet/config.js", "wss://meet.example.com/meet/xmpp-websocket")]
    [InlineData("/meet/acme/config.js", "wss://meet.example.com/meet/acme/xmpp-websocket")]
    [InlineData("/config.js", "wss://meet.example.com/meet/xmpp-websocket")]
    public async Task The_addresses_of_the_doors_have_it(string path, string websocket)
    {
        await using var edge = await RunningEdge.StartAsync(null, ("PUBLIC_URL", Url), ("ETHERPAD_URL_BASE", "http://127.0.0.1:1"), ("MESH_DIRECTORY", "1"));

        var script = await edge.Https.GetStringAsync(new Uri(path, UriKind.Relative));

        Assert.Contains($"\"{websocket}\"", script, StringComparison.Ordinal);
        Assert.Contains("\"https://meet.example.com/meet/etherpad/p/\"", script, StringComparison.Ordinal);
        Assert.Contains("\"https://meet.example.com/meet/people-search\"", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_path_without_its_slash_leads_to_the_one_with_it()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("PUBLIC_URL", Url));

        var answer = await edge.Https.GetAsync(new Uri("/meet?x=1", UriKind.Relative));

        Assert.Equal(HttpStatusCode.MovedPermanently, answer.StatusCode);
        Assert.Equal("https://meet.example.com/meet/?x=1", answer.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.OK, (await edge.Https.GetAsync(new Uri("/meetings", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Plain_http_is_led_to_the_same_place()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("PUBLIC_URL", Url), ("ENABLE_HTTP_REDIRECT", "1"));
        foreach (var path in new[] { "/meet/acme/room?x=1", "/acme/room?x=1" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "meet.example.com" } };

            Assert.Equal("https://meet.example.com/meet/acme/room?x=1", (await edge.Http.SendAsync(request)).Headers.Location?.ToString());
        }
    }

    [Fact]
    public async Task The_doors_of_signalling_hear_nothing_of_it()
    {
        await using var backend = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync(null, ("PUBLIC_URL", Url));
        await edge.ListAsync(backend);

        Assert.Contains(" /xmpp-websocket?room=r&prefix=acme ", await edge.AskAsync("/meet/acme/xmpp-websocket?room=r"), StringComparison.Ordinal);
        Assert.Contains(" /conference-request/v1?prefix= ", await (await edge.Https.PostAsync(new Uri("/meet/conference-request/v1", UriKind.Relative), new StringContent("{}"))).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_leads_home_and_a_stock_page_finds_its_files()
    {
        await using var edge = await RunningEdge.StartAsync(
            folder =>
            {
                Directory.CreateDirectory(Path.Combine(folder, "www", "static"));
                File.WriteAllText(Path.Combine(folder, "www", "base.html"), "<base href=\"/\" />");
                File.WriteAllText(Path.Combine(folder, "www", "static", "close2.html"), "<!--#include virtual=\"/base.html\" -->");
            },
            ("PUBLIC_URL", Url));

        Assert.Contains("<a href=\"/meet/\">", await (await edge.Https.GetAsync(new Uri("/meet/libs/none.js", UriKind.Relative))).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("<base href=\"/meet/\" />", await edge.Https.GetStringAsync(new Uri("/meet/static/close2.html", UriKind.Relative)));
    }

    [Theory]
    [InlineData("/meet", "wss://meet.example.com/meet/xmpp-websocket")]
    [InlineData("/a/b/", "wss://meet.example.com/a/b/xmpp-websocket")]
    [InlineData("meet", "wss://meet.example.com/xmpp-websocket")]
    [InlineData("//evil.example", "wss://meet.example.com/xmpp-websocket")]
    [InlineData("/a\"b", "wss://meet.example.com/xmpp-websocket")]
    [InlineData("/a/../b", "wss://meet.example.com/xmpp-websocket")]
    public async Task Without_PUBLIC_URL_a_trusted_proxy_says_what_it_has_taken_off(string prefix, string websocket)
    {
        await using var edge = await RunningEdge.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/config.js");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Prefix", prefix);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Host", "meet.example.com");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");

        Assert.Contains($"\"{websocket}\"", await (await edge.Http.SendAsync(request)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
