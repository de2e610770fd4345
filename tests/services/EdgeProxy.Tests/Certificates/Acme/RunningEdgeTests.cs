using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using JitsiMesh.Contracts.Store;
using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Acme;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.EdgeProxy.Tests.Certificates.Acme;

/// <summary>Edges with open ports, and an authority that really looks.</summary>
public sealed class RunningEdgeTests
{
    [Theory]
    [InlineData("http", "http-01")]
    [InlineData("tls", "tls-alpn-01")]
    public async Task A_certificate_is_proved_for_and_served_without_a_restart(string choice, string expected)
    {
        await using var authority = await RunningAuthority.StartAsync(TimeProvider.System);
        var ready = new TaskCompletionSource<RunningEdge>();
        var looked = new List<string>();
        authority.Authority.Validate = async (type, name, token, right) =>
        {
            looked.Add($"{type} {name}");
            var edge = await ready.Task;
            return type == "http-01" ? await ServedCertificate.LookByHttpAsync(edge.HttpAddress, name, token, right) : await ServedCertificate.LookByTlsAsync(edge.HttpsAddress, name, right);
        };

        // The redirect leaves the authority's path alone.
        await using var edge = await RunningEdge.StartAsync(null, [.. authority.Settings("meet.example.org,www.example.org"), ("MESH_ACME_CHALLENGE", choice), ("ENABLE_HTTP_REDIRECT", "1")]);
        ready.SetResult(edge);

        using var served = await ServedCertificate.WaitAsync(edge.HttpsAddress, c => c.Issuer == "CN=Fake Root");
        Assert.True(served.MatchesHostname("meet.example.org") && served.MatchesHostname("www.example.org"));
        Assert.Equal([$"{expected} meet.example.org", $"{expected} www.example.org"], looked);
        using var inner = new HttpClient();
        using var page = JsonDocument.Parse(await inner.GetStringAsync(new Uri(edge.InnerAddress, "/debug/certificate")));
        Assert.Equal("authority", page.RootElement.GetProperty("certificate").GetProperty("source").GetString());
        Assert.Equal("issued", page.RootElement.GetProperty("authority").GetProperty("orders")[0].GetProperty("outcome").GetString());
        Assert.DoesNotContain("PRIVATE", page.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("edge_certificate_not_after", await inner.GetStringAsync(new Uri(edge.InnerAddress, "/metrics")), StringComparison.Ordinal);

        // What is over is not answered any more, and nobody else's token ever.
        Assert.Equal(HttpStatusCode.NotFound, (await edge.Http.GetAsync("/.well-known/acme-challenge/unknown")).StatusCode);
    }

    [Fact]
    public async Task A_renewal_leaves_an_open_websocket_alone()
    {
        await using var authority = await RunningAuthority.StartAsync(TimeProvider.System);
        authority.Authority.Life = TimeSpan.FromSeconds(12);
        await using var edge = await RunningEdge.StartAsync(null, Echo, authority.Settings());
        using var first = await ServedCertificate.WaitAsync(edge.HttpsAddress, c => c.Issuer == "CN=Fake Root");
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{edge.HttpsAddress.Port}/echo"), CancellationToken.None);
        Assert.Equal("one", await SayAsync(socket, "one"));

        using var second = await ServedCertificate.WaitAsync(edge.HttpsAddress, c => c.Issuer == "CN=Fake Root" && c.Thumbprint != first.Thumbprint);

        Assert.Equal("two", await SayAsync(socket, "two"));
        Assert.Equal(WebSocketState.Open, socket.State);
        Assert.Equal(2, authority.Authority.Issued);
    }

    [Fact]
    public async Task Of_two_edges_one_orders_and_the_other_answers_the_authority_and_serves_the_certificate_too()
    {
        await using var authority = await RunningAuthority.StartAsync(TimeProvider.System);
        var shared = Directory.CreateTempSubdirectory("jitsimesh-shared-").FullName;
        IMeshStore store = new InMemoryMeshStore(TimeProvider.System);
        var ready = new TaskCompletionSource<RunningEdge[]>();
        authority.Authority.Validate = async (_, name, token, right) =>
        {
            // The name leads to both.
            foreach (var edge in await ready.Task)
            {
                if (await ServedCertificate.LookByHttpAsync(edge.HttpAddress, name, token, right) is { } error) return error;
            }

            return null;
        };
        try
        {
            Task<RunningEdge> Start() => RunningEdge.StartAsync(null, _ => { }, services => services.AddSingleton(store), [.. authority.Settings(), ("CONFIG", shared)]);
            await using var one = await Start();
            await using var other = await Start();
            ready.SetResult([one, other]);

            using var a = await ServedCertificate.WaitAsync(one.HttpsAddress, c => c.Issuer == "CN=Fake Root");
            using var b = await ServedCertificate.WaitAsync(other.HttpsAddress, c => c.Issuer == "CN=Fake Root");

            Assert.Equal(a.Thumbprint, b.Thumbprint);
            Assert.Single(authority.Authority.Orders);
        }
        finally
        {
            Directory.Delete(shared, recursive: true);
        }
    }

    [Fact]
    public async Task A_setting_that_is_missing_leaves_the_site_up()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("ENABLE_LETSENCRYPT", "1"), ("LETSENCRYPT_EMAIL", "ops@example.org"));

        Assert.Equal(HttpStatusCode.OK, (await edge.Https.GetAsync("/room")).StatusCode);
        using var inner = new HttpClient();
        using var page = JsonDocument.Parse(await inner.GetStringAsync(new Uri(edge.InnerAddress, "/debug/certificate")));
        Assert.StartsWith("LETSENCRYPT_DOMAIN: ", page.RootElement.GetProperty("authority").GetProperty("problems")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await edge.Https.GetAsync("/debug/certificate")).StatusCode);
        Assert.Equal("self-signed", page.RootElement.GetProperty("certificate").GetProperty("source").GetString());
    }

    [Fact]
    public async Task While_an_authority_fails_people_and_their_first_octets_are_served_as_ever()
    {
        await using var authority = await RunningAuthority.StartAsync(TimeProvider.System);
        authority.Authority.Fault = AuthorityFault.FailedChallenges;
        await using var edge = await RunningEdge.StartAsync(null, authority.Settings());

        Assert.Equal(HttpStatusCode.OK, (await edge.Https.GetAsync("/room")).StatusCode);
        using var certificate = await ServedCertificate.ReadAsync(edge.HttpsAddress, "meet.example.org", "http/1.1");
        Assert.Equal("CN=JitsiMesh self-signed", certificate.Subject);

        // A client that says a part of its hello and goes away, and one that speaks no TLS.
        foreach (var octets in new byte[][] { [22, 3, 1, 2, 0, 1], Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"), [] })
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, edge.HttpsAddress.Port);
            await client.GetStream().WriteAsync(octets);
        }

        Assert.Equal(HttpStatusCode.OK, (await edge.Https.GetAsync("/room")).StatusCode);
    }

    private static void Echo(WebApplication app)
    {
        app.UseWebSockets();
        app.Map("/echo", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: WebSocketMessageType.Text } message)
            {
                await socket.SendAsync(buffer.AsMemory(0, message.Count), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            }
        });
    }

    private static async Task<string> SayAsync(ClientWebSocket socket, string text)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var buffer = new byte[64];
        var answer = await socket.ReceiveAsync(buffer, CancellationToken.None);
        return Encoding.UTF8.GetString(buffer, 0, answer.Count);
    }
}
