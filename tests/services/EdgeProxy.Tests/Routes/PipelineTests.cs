using System.Net;
using JitsiMesh.EdgeProxy.Tests.Kit;

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
}
