using System.Net;
using System.Text.Json;
using JitsiMesh.Signalling.Tests.Sockets;

namespace JitsiMesh.Signalling.Tests.Webhooks;

/// <summary>Webhooks of the whole service: people over real WebSockets, a receiver on a real socket.</summary>
public sealed class WebhookHostTests
{
    private const string Call = "hooked@muc.meet.jitsi";

    [Fact]
    public async Task A_receiver_is_told_of_people_who_come_and_go_in_the_order_in_which_they_do()
    {
        await using var receiver = await WebServer.StartAsync(200, "");
        await using var host = await SignallingHost.StartAsync(settings: [("MESH_WEBHOOK_URLS", receiver.Url + "/hook?key=s3cr3t"), ("MESH_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]);
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        using var bob = await SocketClient.ConnectAsync(host.Port);
        await bob.JoinAsync(Call);
        await bob.SendAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        await ann.UntilAsync($"<presence type='unavailable' from='{Call}/{bob.Nick}'/>");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (receiver.Requests.Count < 4) await Task.Delay(10, limit.Token);
        Assert.Equal(["room.created", $"participant.joined {ann.Nick}", $"participant.joined {bob.Nick}", $"participant.left {bob.Nick} left"], receiver.Requests.Select(request => Line(request.Body)));

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        var page = await http.GetStringAsync("/debug/webhooks");
        using var shown = JsonDocument.Parse(page);
        var first = shown.RootElement.GetProperty("receivers")[0];
        Assert.Equal(new Uri(receiver.Url).Authority, first.GetProperty("receiver").GetString());
        Assert.Equal(JsonValueKind.String, first.GetProperty("last_taken").ValueKind);
        Assert.DoesNotContain("s3cr3t", page, StringComparison.Ordinal);
        Assert.DoesNotContain("MfKQ9", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_secret_meetings_go_on_and_the_health_page_names_the_setting()
    {
        await using var receiver = await WebServer.StartAsync(200, "");
        await using var host = await SignallingHost.StartAsync(settings: [("MESH_WEBHOOK_URLS", receiver.Url)]);
        using var ann = await SocketClient.ConnectAsync(host.Port);
        await ann.JoinAsync(Call);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        using var health = await http.GetAsync("/healthz/ready");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Equal("Degraded\nwebhooks: Degraded, MESH_WEBHOOK_SECRET: with MESH_WEBHOOK_URLS it must be set; no webhooks are sent", await health.Content.ReadAsStringAsync());
        Assert.Empty(receiver.Requests);
    }

    private static string Line(string body)
    {
        using var document = JsonDocument.Parse(body);
        var data = document.RootElement.GetProperty("data");
        var line = document.RootElement.GetProperty("type").GetString()!;
        if (data.TryGetProperty("participant", out var participant)) line += " " + participant.GetProperty("id").GetString();
        if (data.TryGetProperty("reason", out var reason)) line += " " + reason.GetString();
        return line;
    }
}
