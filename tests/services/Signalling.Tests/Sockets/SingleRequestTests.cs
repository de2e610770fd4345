using System.Net;
using System.Text;
using System.Text.Json;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>One conference request over HTTP says one thing: of two in one body nobody chooses.</summary>
public sealed class SingleRequestTests
{
    [Fact]
    public async Task Two_conferences_in_one_body_get_one_error_and_focus_hears_of_none()
    {
        await using var host = await SignallingHost.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        const string First = "\"room\":\"one@muc.meet.jitsi\"";
        const string Second = "\"room\":\"two@muc.meet.jitsi\"";
        foreach (var body in (string[])
        [
            $"{{{First},{Second}}}", $"{{{First},\"r\\u006fom\":\"two@muc.meet.jitsi\"}}", $"{{{First}}}{{{Second}}}", $"{{{First}}}\n{{{Second}}}", $"[{{{First}}},{{{Second}}}]",
            "{\"room\":[\"one@muc.meet.jitsi\",\"two@muc.meet.jitsi\"]}", "{\"room\":\"one@muc.meet.jitsi two@muc.meet.jitsi\"}", $"{{{First},\"properties\":{{\"a\":1,\"a\":2}}}}",
        ])
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await http.PostAsync("/conference-request/v1", content);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.StartsWith("Bad request", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Empty(host.Asked);
        using var good = new StringContent($"{{{First}}}", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync("/conference-request/v1", good);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.True(json.RootElement.GetProperty("ready").GetBoolean());
        Assert.Equal("one@muc.meet.jitsi", Assert.Single(host.Asked));
    }
}
