using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Mesh.Tests.UnderTest;

namespace JitsiMesh.Mesh.Tests.Proxies;

/// <summary>The mesh behind proxies of others, each with the very file of <c>deploy/proxies</c> that docs/reverse-proxy.md shows.</summary>
public sealed class ProxyTests
{
    private const string Client = "127.0.0.9";

    [ProxyFact("nginx.conf")]
    public Task A_call_goes_on_behind_nginx() => CheckAsync("nginx.conf");

    [ProxyFact("nginx-subpath.conf")]
    public Task A_call_goes_on_below_a_path_of_nginx() => CheckAsync("nginx-subpath.conf", "/meet");

    [ProxyFact("apache.conf")]
    public Task A_call_goes_on_behind_Apache() => CheckAsync("apache.conf");

    [ProxyFact("Caddyfile")]
    public Task A_call_goes_on_behind_Caddy() => CheckAsync("Caddyfile");

    [ProxyFact("haproxy.cfg")]
    public Task A_call_goes_on_behind_HAProxy() => CheckAsync("haproxy.cfg");

    private static async Task CheckAsync(string file, string path = "")
    {
        await using var mesh = await ProxiedMesh.StartAsync(file, path);
        using var http = Browser(mesh.Public);

        // The page, its configuration, and what the edge takes the client for: it says another address, and another scheme.
        using var page = new HttpRequestMessage(HttpMethod.Get, "room");
        page.Headers.TryAddWithoutValidation("X-Forwarded-For", "198.51.100.1");
        page.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "http");
        page.Headers.TryAddWithoutValidation("Forwarded", "for=198.51.100.1;proto=http;host=evil.example");
        var answer = await http.SendAsync(page);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{answer.StatusCode} {answer.Headers.Location}\n{mesh.ProxyLog}");
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Contains("JitsiMesh", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal(new SeenRequest("/room", IPAddress.Parse(Client), "https", mesh.Public.Authority), mesh.Requests.Single(r => r.Path == "/room"));
        Assert.Contains($"\"{mesh.WebSocket}\"", await http.GetStringAsync(new Uri("config.js", UriKind.Relative)), StringComparison.Ordinal);

        // A conference request, and doors that are none.
        using var request = new StringContent($$"""{"room":"proxied@{{mesh.MucDomain}}","properties":{} }""", Encoding.UTF8, "application/json");
        var conference = await http.PostAsync(new Uri("conference-request/v1?room=proxied", UriKind.Relative), request);
        Assert.True(conference.IsSuccessStatusCode, await conference.Content.ReadAsStringAsync());
        Assert.Contains("focusJid", await conference.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UpgradeRequired, (await http.GetAsync(new Uri("xmpp-websocket", UriKind.Relative))).StatusCode);
        using var stranger = new ClientWebSocket();
        stranger.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        stranger.Options.CollectHttpResponseDetails = true;
        var nowhere = new UriBuilder(mesh.WebSocket) { Path = mesh.Public.AbsolutePath + "colibri-ws/nobody/a/b" }.Uri;
        await Assert.ThrowsAsync<WebSocketException>(() => stranger.ConnectAsync(nowhere, CancellationToken.None));
        Assert.Equal(HttpStatusCode.NotFound, stranger.HttpStatusCode);

        // A call of three with the bridge channel over a WebSocket: signalling and colibri-ws both go by the proxy.
        await using var party = new Party(mesh, 31);
        await party.JoinAsync("proxied", 3, change: o => o with { DataChannel = false });
        await party.ExpectMediaAsync(party.Clients);
        await party.ExpectAsync("everybody has a bridge channel", () => party.Clients.All(c => c.HasChannel));
    }

    /// <summary>A client at an address of its own.</summary>
    private static HttpClient Browser(Uri address) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(Client), 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = address,
        Timeout = TimeSpan.FromSeconds(60),
    };
}
