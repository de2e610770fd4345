using System.Net;
using System.Net.WebSockets;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.EdgeProxy.Tests.Kit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

public sealed class PipelineTests
{
    [Fact]
    public async Task Plain_http_is_led_to_https_with_path_query_and_port()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("ENABLE_HTTP_REDIRECT", "1"));

        var answer = await edge.Http.GetAsync(new Uri("/acme/room?x=1", UriKind.Relative));

        Assert.Equal(HttpStatusCode.MovedPermanently, answer.StatusCode);
        Assert.Equal($"https://127.0.0.1:{edge.HttpsAddress.Port}/acme/room?x=1", answer.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.OK, (await edge.Http.GetAsync(new Uri("/healthz/live", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.Https.GetAsync(new Uri("/acme/room", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task Without_the_redirect_plain_http_serves_the_page()
    {
        await using var edge = await RunningEdge.StartAsync();

        var answer = await edge.Http.GetAsync(new Uri("/room", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task With_DISABLE_HTTPS_there_is_no_key_and_a_trusted_proxy_says_who_asks()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("DISABLE_HTTPS", "1"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/config.js");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "meet.example.com");

        var script = await (await edge.Http.SendAsync(request)).Content.ReadAsStringAsync();

        Assert.Contains("wss://meet.example.com/xmpp-websocket", script, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(edge.Folder, ".mesh", "certificates")));
    }

    [Fact]
    public async Task A_stranger_does_not_say_who_asks()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("MESH_TRUSTED_PROXIES", "192.0.2.0/24"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/config.js");
        request.Headers.Add("X-Forwarded-Host", "evil.example");

        var script = await (await edge.Https.SendAsync(request)).Content.ReadAsStringAsync();

        Assert.DoesNotContain("evil", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_headers_are_sent_with_every_answer()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("CSP_HEADER", "frame-ancestors 'self'"), ("ENABLE_HSTS", "0"));

        var answer = await edge.Https.GetAsync(new Uri("/libs/none.js", UriKind.Relative));

        Assert.Equal("frame-ancestors 'self'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("wss", true)]
    [InlineData("WSS", true)]
    [InlineData("https", true)]
    [InlineData("HTTPS", true)]
    [InlineData("http, wss", true)]
    [InlineData("wss,", true)]
    [InlineData("junk, https", true)]
    [InlineData("https, junk", true)]
    [InlineData("ws", false)]
    [InlineData("http", false)]
    [InlineData("junk", false)]
    [InlineData("javascript", false)]
    [InlineData("https://x", false)]
    [InlineData("", false)]
    public async Task A_proxys_word_for_the_scheme_is_HTTPS_or_it_is_HTTP(string scheme, bool https)
    {
        await using var edge = await RunningEdge.StartAsync(null, ("ENABLE_HTTP_REDIRECT", "1"));
        foreach (var path in new[] { "/config.js", "/xmpp-websocket", "/colibri-ws/b/c/d" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme);
            request.Headers.Add("X-Forwarded-For", "203.0.113.9");

            var answer = await edge.Http.SendAsync(request);

            Assert.Equal(!https, answer.StatusCode == HttpStatusCode.MovedPermanently);
            if (https && path == "/config.js") Assert.Contains("\"wss://", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/acme/_unlock?room=r&prefix=stolen", "/_unlock?room=r&prefix=acme")]
    [InlineData("/_unlock?Prefix=stolen&PREFIX=twice&room=a%20b", "/_unlock?room=a%20b&prefix=")]
    [InlineData("/Ac.Me/conference-request/v1", "/conference-request/v1?prefix=ac_me")]
    [InlineData("/x/y/acme/_unlock?room=r", "/_unlock?room=r&prefix=acme")]
    [InlineData("/B%C3%9CRO/_unlock", "/_unlock?prefix=b%C3%BCro")]
    public async Task A_door_of_signalling_hears_the_tenant_of_the_path_alone(string path, string expected)
    {
        await using var backend = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(backend);

        Assert.Equal(expected, (await edge.Https.GetStringAsync(new Uri(path, UriKind.Relative))).Split(' ')[1]);
    }

    [Theory]
    [InlineData("HTTPS, http", "203.0.113.9", "http")]
    [InlineData("HTTPS, http", "203.0.113.9, 127.0.0.5", "https")]
    [InlineData("http, https", "203.0.113.9", "https")]
    public async Task A_chain_says_the_scheme_as_far_as_it_is_trusted(string schemes, string addresses, string expected)
    {
        await using var edge = await RunningEdge.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/config.js");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", schemes);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", addresses);

        var script = await (await edge.Http.SendAsync(request)).Content.ReadAsStringAsync();

        Assert.Contains(expected == "https" ? "\"wss://" : "\"ws://", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task A_page_of_the_websocket_is_asked_to_upgrade(string method)
    {
        await using var backend = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync(null, ("DEPLOYMENTINFO_SHARD", "shard-1"));
        await edge.ListAsync(backend);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/xmpp-websocket?room=r");

        var answer = await edge.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.Equal("websocket", answer.Headers.Upgrade.Single().Name);
        Assert.Equal("shard-1", answer.Headers.GetValues("X-Jitsi-Shard").Single());
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        using var newer = new HttpRequestMessage(HttpMethod.Get, "/xmpp-websocket") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        Assert.Equal(HttpStatusCode.UpgradeRequired, (await edge.Https.SendAsync(newer)).StatusCode);
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7")]
    [InlineData("1.2.3.4, 198.51.100.7", "198.51.100.7")]
    [InlineData("198.51.100.7, 127.0.0.5", "198.51.100.7")]
    [InlineData("nonsense", "127.0.0.1")]
    public async Task Signalling_hears_the_address_that_a_trusted_proxy_tells(string forwarded, string expected) =>
        Assert.EndsWith(" " + expected, await AskAsync(forwarded, ("MESH_MAX_CONNECTIONS", "100")), StringComparison.Ordinal);

    [Theory]
    [InlineData("198.51.100.7")]
    [InlineData("127.0.0.9, 198.51.100.7")]
    [InlineData("nonsense")]
    public async Task A_client_does_not_choose_the_address_that_its_limits_count(string forwarded) =>
        Assert.EndsWith(" 127.0.0.1", await AskAsync(forwarded, ("MESH_TRUSTED_PROXIES", "192.0.2.0/24")), StringComparison.Ordinal);

    [Fact]
    public async Task A_body_larger_than_any_conference_request_is_refused_at_the_edge()
    {
        await using var backend = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(backend);
        var door = new Uri("/conference-request/v1", UriKind.Relative);

        var fits = await edge.Https.PostAsync(door, new ByteArrayContent(new byte[EdgeLimits.RequestBodyOctets]));
        var counted = await edge.Https.PostAsync(door, new ByteArrayContent(new byte[EdgeLimits.RequestBodyOctets + 1]));
        using var endless = new HttpRequestMessage(HttpMethod.Post, door) { Content = new StreamContent(new MemoryStream(new byte[1024 * 1024])) };
        endless.Headers.TransferEncodingChunked = true;
        endless.Version = HttpVersion.Version11;
        var chunked = await edge.Https.SendAsync(endless);

        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, counted.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
    }

    [Fact]
    public async Task A_door_of_the_same_process_need_not_know_that_a_body_was_too_long()
    {
        await using var edge = await RunningEdge.StartAsync(null, app => app.MapPost("/acme/_unlock", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            await context.Response.WriteAsync("read");
        }));
        foreach (var (octets, expected) in new[] { (1024, HttpStatusCode.OK), (1024 * 1024, HttpStatusCode.RequestEntityTooLarge) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/acme/_unlock") { Content = new StreamContent(new MemoryStream(new byte[octets])) };
            request.Headers.TransferEncodingChunked = true;

            var answer = await edge.Http.SendAsync(request);

            Assert.Equal(expected, answer.StatusCode);
            Assert.NotEmpty(await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task One_address_has_a_bounded_number_of_websockets_whatever_carries_them()
    {
        await using var backend = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync(null, ("MESH_MAX_CONNECTIONS_PER_ADDRESS", "3"), ("MESH_TRUSTED_PROXIES", "127.0.0.1/32"));
        await edge.ListAsync(backend);
        var sockets = new List<ClientWebSocket>();
        try
        {
            for (var i = 0; i < 3 * EdgeLimits.RequestsOfConnectionLimit; i++) sockets.Add(await DialAsync(edge, "198.51.100.7"));

            var refusal = await Assert.ThrowsAsync<WebSocketException>(() => DialAsync(edge, "198.51.100.7"));
            Assert.Contains("429", refusal.Message, StringComparison.Ordinal);
            sockets.Add(await DialAsync(edge, "198.51.100.8"));
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    private static async Task<ClientWebSocket> DialAsync(RunningEdge edge, string forwarded)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        socket.Options.SetRequestHeader("X-Forwarded-For", forwarded);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{edge.HttpAddress.Port}/xmpp-websocket"), limit.Token);
        return socket;
    }

    private static async Task<string> AskAsync(string forwarded, (string, string) setting)
    {
        await using var backend = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync(null, setting);
        await edge.ListAsync(backend);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_unlock");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
        return await (await edge.Http.SendAsync(request)).Content.ReadAsStringAsync();
    }
}
