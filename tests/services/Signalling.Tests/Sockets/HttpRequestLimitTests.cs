using System.Net;
using System.Text;
using System.Text.Json;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>Conference requests over HTTP that come too often. A host of its own: the rate is the address's.</summary>
public sealed class HttpRequestLimitTests
{
    [Fact]
    public async Task Too_many_conference_requests_are_told_to_come_again()
    {
        const string Call = "busy@muc.meet.jitsi";
        await using var host = await SignallingHost.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        var late = 0;
        for (var i = 0; i < 10 * SignallingLimits.AddressRequestBurst && late == 0; i++)
        {
            using var content = new StringContent($$"""{"room":"{{Call}}"}""", Encoding.UTF8, "application/json");
            using var response = await http.PostAsync("/conference-request/v1", content);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal(Call, json.RootElement.GetProperty("room").GetString());
            if (json.RootElement.GetProperty("ready").GetBoolean()) continue;
            Assert.Empty(json.RootElement.GetProperty("properties").EnumerateObject());
            late++;
        }

        Assert.Equal(1, late);
    }
}
