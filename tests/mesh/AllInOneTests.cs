using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using JitsiMesh.AllInOne;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Mesh.Tests;

public sealed class AllInOneTests
{
    [Fact]
    public async Task One_process_serves_the_page_its_settings_health_and_an_xmpp_stream()
    {
        var folder = Directory.CreateTempSubdirectory("jitsimesh-").FullName;
        try
        {
            await using var mesh = await AllInOneApplication.CreateAsync(MeshSettings.From(new Dictionary<string, string?>
            {
                ["CONFIG"] = folder,
                ["HTTP_PORT"] = "127.0.0.1:0",
                ["HTTPS_PORT"] = "127.0.0.1:0",
                ["MESH_HTTP_PORT"] = "127.0.0.1:0",
                ["JVB_PORT"] = "127.0.0.1:0",
                ["JVB_DISABLE_STUN"] = "1",
                ["LOG_LEVEL"] = "error",
            }));
            await mesh.StartAsync();
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{mesh.HttpPort}") };
            using var inner = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{mesh.InnerPort}") };

            Assert.StartsWith("https://localhost:", mesh.Url, StringComparison.Ordinal);
            Assert.Contains("<html", await http.GetStringAsync(new Uri("/some-room", UriKind.Relative)), StringComparison.OrdinalIgnoreCase);
            Assert.Contains($"ws://127.0.0.1:{mesh.HttpPort}/xmpp-websocket", await http.GetStringAsync(new Uri("/config.js", UriKind.Relative)), StringComparison.Ordinal);
            Assert.Equal("Healthy", await inner.GetStringAsync(new Uri("/health", UriKind.Relative)));
            using var debug = JsonDocument.Parse(await inner.GetStringAsync(new Uri("/debug", UriKind.Relative)));
            string[] services = ["auth", "edge-proxy", "focus", "media-bridge", "recorder", "signalling", "sip-gateway"];
            Assert.Equal(services, debug.RootElement.GetProperty("services").EnumerateArray().Select(service => service.GetString()));
            foreach (var page in debug.RootElement.GetProperty("pages").EnumerateArray().Select(page => page.GetProperty("path").GetString()!))
            {
                Assert.Equal(HttpStatusCode.OK, (await inner.GetAsync(new Uri(page, UriKind.Relative))).StatusCode);

                // On the public port /stats is a room; what begins like these is nothing there.
                if (page.StartsWith("/debug", StringComparison.Ordinal) || page is "/metrics" or "/health" or "/about/version") Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(page, UriKind.Relative))).StatusCode);
            }

            Assert.Contains("ANONYMOUS", await OpenStreamAsync(mesh.HttpPort), StringComparison.Ordinal);
            await mesh.StopAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> OpenStreamAsync(int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/xmpp-websocket?room=some-room"), limit.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>"), WebSocketMessageType.Text, true, limit.Token);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains("features>", StringComparison.Ordinal))
        {
            var got = await socket.ReceiveAsync(buffer, limit.Token);
            if (got.MessageType == WebSocketMessageType.Close) break;
            text.Append(Encoding.UTF8.GetString(buffer, 0, got.Count));
        }

        return text.ToString();
    }
}
