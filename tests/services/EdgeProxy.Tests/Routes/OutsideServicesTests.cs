using System.Net;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.EdgeProxy.Tests.Kit;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

public sealed class OutsideServicesTests
{
    [Theory]
    [InlineData("", "/etherpad/p/standup?showChat=false", "etherpad /p/standup?showChat=false ")]
    [InlineData("/pads/", "/etherpad/p/stand%20up", "etherpad /pads/p/stand%20up ")]
    [InlineData("", "/etherpad/", "etherpad / ")]
    [InlineData("", "/etherpad/socket.io/?EIO=4&transport=polling", "etherpad /socket.io/?EIO=4&transport=polling ")]
    public async Task A_document_is_passed_on_without_the_first_part(string root, string path, string expected)
    {
        await using var etherpad = await Backend.StartAsync("etherpad");
        await using var edge = await RunningEdge.StartAsync(null, ("ETHERPAD_URL_BASE", etherpad.Address + root), ("MESH_MAX_CONNECTIONS", "100"));

        var answer = await edge.Https.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal($"{expected}{new Uri(etherpad.Address).Authority}  127.0.0.1", await answer.Content.ReadAsStringAsync());
        Assert.Equal("object-src 'none'; base-uri 'self'", answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task Its_websocket_and_the_whiteboards_are_passed_on()
    {
        await using var etherpad = await Backend.StartAsync("etherpad");
        await using var whiteboard = await Backend.StartAsync("whiteboard");
        await using var edge = await RunningEdge.StartAsync(null, ("ETHERPAD_URL_BASE", etherpad.Address), ("WHITEBOARD_COLLAB_SERVER_URL_BASE", whiteboard.Address));

        Assert.StartsWith("etherpad /socket.io/?EIO=4&transport=websocket ", await edge.AskAsync("/etherpad/socket.io/?EIO=4&transport=websocket", null), StringComparison.Ordinal);
        Assert.StartsWith("whiteboard /socket.io/?EIO=4 ", await edge.AskAsync("/socket.io/?EIO=4", null), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await edge.Https.GetAsync(new Uri("/socket.io/other", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task One_that_does_not_answer_is_said_to_and_costs_nobody_else_anything()
    {
        await using var edge = await RunningEdge.StartAsync(null, ("ETHERPAD_URL_BASE", "http://127.0.0.1:1"));

        var answer = await edge.Https.GetAsync(new Uri("/etherpad/p/standup", UriKind.Relative));

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("does not answer", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await edge.Https.GetAsync(new Uri("/room", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task A_document_may_be_longer_than_anything_that_is_posted_to_the_mesh()
    {
        await using var etherpad = await Backend.StartAsync("etherpad");
        await using var edge = await RunningEdge.StartAsync(null, ("ETHERPAD_URL_BASE", etherpad.Address));

        var answer = await edge.Https.PostAsync(new Uri("/etherpad/p/standup/import", UriKind.Relative), new ByteArrayContent(new byte[EdgeLimits.RequestBodyOctets + 1]));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("ETHERPAD_URL_BASE", "http://x", "etherpad_base", "https://127.0.0.1:PORT/etherpad/p/")]
    [InlineData("ETHERPAD_PUBLIC_URL", "https://pad.example/p/", "etherpad_base", "https://pad.example/p/")]
    [InlineData("WHITEBOARD_COLLAB_SERVER_URL_BASE", "http://x", "collabServerBaseUrl", "https://127.0.0.1:PORT")]
    [InlineData("WHITEBOARD_COLLAB_SERVER_PUBLIC_URL", "https://board.example", "collabServerBaseUrl", "https://board.example")]
    public async Task The_client_is_told_where_they_are(string name, string value, string key, string expected)
    {
        await using var edge = await RunningEdge.StartAsync(null, (name, value));
        await using var off = await RunningEdge.StartAsync(null, (name, value), ("WHITEBOARD_ENABLED", "0"));

        Assert.Contains($"\"{key}\": \"{expected.Replace("PORT", $"{edge.HttpsAddress.Port}", StringComparison.Ordinal)}\"", await edge.Https.GetStringAsync(new Uri("/config.js", UriKind.Relative)), StringComparison.Ordinal);
        Assert.DoesNotContain("collabServerBaseUrl", await off.Https.GetStringAsync(new Uri("/config.js", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Below_a_path_the_whiteboard_is_at_the_root_of_the_host_and_the_document_below_the_path()
    {
        await using var board = await Backend.StartAsync("board");
        await using var edge = await RunningEdge.StartAsync(null, ("PUBLIC_URL", "https://www.example.com/meet/"), ("WHITEBOARD_COLLAB_SERVER_URL_BASE", board.Address), ("ETHERPAD_URL_BASE", "http://x"));

        var config = await edge.Https.GetStringAsync(new Uri("/meet/config.js", UriKind.Relative));
        Assert.Contains("\"collabServerBaseUrl\": \"https://www.example.com\"", config, StringComparison.Ordinal);
        Assert.Contains("\"etherpad_base\": \"https://www.example.com/meet/etherpad/p/\"", config, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await edge.Https.GetAsync(new Uri("/socket.io/?EIO=4&transport=polling", UriKind.Relative))).StatusCode);
    }
}
