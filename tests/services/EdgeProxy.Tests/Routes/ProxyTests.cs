using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Contracts.Store;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

public sealed class ProxyTests
{
    [Fact]
    public async Task A_websocket_reaches_the_owner_of_its_room_with_the_tenant_and_the_main_domain()
    {
        await using var first = await Backend.StartAsync("first");
        await using var second = await Backend.StartAsync("second");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(first);
        await edge.ListAsync(second);
        await edge.OwnAsync("room", second);

        var said = await edge.AskAsync("/acme/xmpp-websocket?room=Room&prefix=stolen&token=t.o.k");

        Assert.Equal("second /xmpp-websocket?room=Room&token=t.o.k&prefix=acme meet.jitsi xmpp 127.0.0.1", said);
    }

    [Fact]
    public async Task A_trace_begins_at_the_edge_and_not_with_what_a_client_says()
    {
        const string Stolen = "0af7651916cd43dd8448eb211c80319c";
        await using var only = await Backend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(only);
        using (await DialAsync(edge, "untraced")) Assert.Equal("", only.TraceParent);

        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "JitsiMesh.EdgeProxy",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        using var traced = await DialAsync(edge, "traced");
        Assert.True(ActivityContext.TryParse(only.TraceParent, null, out var context) && context.TraceFlags == ActivityTraceFlags.Recorded, only.TraceParent);
        Assert.DoesNotContain(Stolen, only.TraceParent, StringComparison.Ordinal);

        static async Task<ClientWebSocket> DialAsync(RunningEdge edge, string room)
        {
            var socket = new ClientWebSocket();
            socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=JitsiMesh self-signed";
            socket.Options.AddSubProtocol("xmpp");
            socket.Options.SetRequestHeader("traceparent", $"00-{Stolen}-b7ad6b7169203331-01");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{edge.HttpsAddress.Port}/xmpp-websocket?room={room}"), limit.Token);
            return socket;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_resumes_reaches_the_node_that_keeps_its_session(bool draining)
    {
        await using var keeper = await Backend.StartAsync("keeper");
        await using var owner = await Backend.StartAsync("owner");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(keeper, draining);
        await edge.ListAsync(owner);
        await edge.OwnAsync("r", owner);

        var session = NodeTag.Put(NodeTag.Of(keeper.Name), "0af7651916cd43dd8448eb211c80319c");
        Assert.StartsWith("keeper", await edge.AskAsync($"/xmpp-websocket?room=r&previd={session}"), StringComparison.Ordinal);
        Assert.StartsWith("keeper", await edge.AskAsync($"/xmpp-websocket?previd={session}"), StringComparison.Ordinal);

        // The node is gone, or the id is made up: any node says that there is nothing to resume.
        Assert.StartsWith("owner", await edge.AskAsync($"/xmpp-websocket?room=r&previd={NodeTag.Put(NodeTag.Of("gone"), "0af7")}"), StringComparison.Ordinal);
        Assert.StartsWith("owner", await edge.AskAsync("/xmpp-websocket?room=r&previd=0af7651916cd43dd8448eb211c80319c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_whose_node_has_handed_its_sessions_over_reaches_the_heir()
    {
        await using var keeper = await Backend.StartAsync("keeper");
        await using var heir = await Backend.StartAsync("heir");
        await using var edge = await RunningEdge.StartAsync();
        // It is still in the list.
        await edge.ListAsync(keeper, draining: true);
        await edge.ListAsync(heir);
        await edge.OwnAsync("r", keeper);
        await edge.PlaceAsync(SessionKeepers.Key("signalling", keeper.Name), heir.Name);
        await edge.PlaceAsync(SessionKeepers.Key("signalling", "older"), "gone");

        var session = NodeTag.Put(NodeTag.Of(keeper.Name), "0af7651916cd43dd8448eb211c80319c");
        Assert.StartsWith("heir", await edge.AskAsync($"/xmpp-websocket?room=r&previd={session}"), StringComparison.Ordinal);

        // The heir is gone too: any node will do.
        Assert.StartsWith("heir", await edge.AskAsync($"/xmpp-websocket?previd={NodeTag.Put(NodeTag.Of("older"), "0af7")}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_whose_node_was_killed_reaches_at_once_the_node_that_takes_its_session()
    {
        var killed = await Backend.StartAsync("killed");
        await using var first = await Backend.StartAsync("first");
        await using var second = await Backend.StartAsync("second");
        await using var edge = await RunningEdge.StartAsync();
        foreach (var node in new[] { killed, first, second })
        {
            await edge.ListAsync(node);
            await edge.PlaceAsync(SessionKeepers.Key("signalling", node.Name), node.Name);
        }

        await edge.OwnAsync("r", killed);
        var session = NodeTag.Put(NodeTag.Of("killed"), "0af7651916cd43dd8448eb211c80319c");
        Assert.StartsWith("killed", await edge.AskAsync($"/xmpp-websocket?room=r&previd={session}"), StringComparison.Ordinal);
        await killed.DisposeAsync();

        // It is still in the list, as the owner of the room too.
        var heir = SessionKeepers.Heir("killed", ["first", "second", "killed"])!;
        Assert.StartsWith(heir, await edge.AskAsync($"/xmpp-websocket?room=r&previd={session}"), StringComparison.Ordinal);
        for (var i = 0; i < 5; i++) Assert.DoesNotContain("killed", await edge.AskAsync("/xmpp-websocket?room=r"), StringComparison.Ordinal);

        // Another node has the sessions by now.
        var other = heir == "first" ? "second" : "first";
        await edge.PlaceAsync(SessionKeepers.Key("signalling", "killed"), other);
        Assert.StartsWith(other, await edge.AskAsync($"/xmpp-websocket?room=r&previd={session}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_process_chooses_the_same_heir_and_never_the_dead_node()
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var nodes = Enumerable.Range(0, random.Next(1, 6)).Select(_ => $"n{random.Next(1000)}").Distinct().ToList();
            var heir = SessionKeepers.Heir(nodes[0], nodes);
            Assert.Equal(heir, SessionKeepers.Heir(nodes[0], nodes.AsEnumerable().Reverse()));
            Assert.Equal(nodes.Count == 1, heir is null);
            Assert.NotEqual(nodes[0], heir);
        }
    }

    /// <summary>Kestrel gives what runs MESH_DRAIN_TIMEOUT and ten seconds more; nobody new could come in so long.</summary>
    [Fact]
    public async Task An_edge_that_is_to_stop_waits_for_no_websocket()
    {
        await using var only = await Backend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(only);
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=JitsiMesh self-signed";
        socket.Options.AddSubProtocol("xmpp");
        await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{edge.HttpsAddress.Port}/xmpp-websocket?room=r"), CancellationToken.None);
        Assert.Equal(WebSocketMessageType.Text, (await socket.ReceiveAsync(new byte[256], CancellationToken.None)).MessageType);

        await edge.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAnyAsync<WebSocketException>(() => socket.ReceiveAsync(new byte[16], CancellationToken.None));
    }

    [Fact]
    public async Task A_room_whose_owner_is_unknown_reaches_any_live_node()
    {
        await using var only = await Backend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(only);

        Assert.StartsWith("only /xmpp-websocket?", await edge.AskAsync("/xmpp-websocket?room=r"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_draining_node_gets_nothing_new_while_there_is_another()
    {
        await using var leaving = await Backend.StartAsync("leaving");
        await using var staying = await Backend.StartAsync("staying");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(leaving, draining: true);
        await edge.ListAsync(staying);
        await edge.OwnAsync("r", leaving);

        Assert.StartsWith("staying", await edge.AskAsync("/xmpp-websocket?room=r"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/conference-request/v1?room=r", "POST")]
    [InlineData("/_unlock", "GET")]
    public async Task Signallings_other_doors_are_passed_on(string path, string method)
    {
        await using var backend = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync();
        await edge.ListAsync(backend);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST") request.Content = new StringContent("body");

        var answer = await edge.Https.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("signalling " + path.Replace("/acme", "", StringComparison.Ordinal).Split('?')[0], await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "auth /people-search?query=anna")]
    [InlineData("0", null)]
    public async Task A_search_for_people_goes_to_auth_where_it_is_switched_on(string search, string? expected)
    {
        await using var signalling = await Backend.StartAsync("signalling");
        await using var auth = await Backend.StartAsync("auth");
        await using var edge = await RunningEdge.StartAsync(null, ("MESH_DIRECTORY", search));
        await edge.ListAsync(signalling);
        await edge.ListAsync(auth, service: "auth");

        var answer = await edge.Https.GetAsync(new Uri("/people-search?query=anna", UriKind.Relative));

        if (expected is null) Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        else Assert.StartsWith(expected, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    // MESH_ADMIN_PUBLIC | MESH_ROOM_SIZE_PUBLIC | request | passed on
    [InlineData("1", "0", "POST /end-meeting?conference=a", true)]
    [InlineData("1", "0", "PUT /kick-participant?room=a&prefix=acme", true)]
    [InlineData("1", "0", "POST /send-system-chat-message", true)]
    [InlineData("1", "0", "POST /invite-jigasi", true)]
    [InlineData("1", "0", "GET /room-size?room=a", false)]
    [InlineData("0", "1", "GET /room-size?room=a", true)]
    [InlineData("0", "1", "POST /end-meeting?conference=a", false)]
    [InlineData("0", "0", "PUT /kick-participant?room=a", false)]
    [InlineData("0", "0", "POST /send-system-chat-message", false)]
    [InlineData("1", "1", "GET /sessions", false)]
    [InlineData("1", "1", "GET /room?room=a", false)]
    public async Task Administration_goes_to_signalling_where_it_is_published(string administration, string size, string request, bool passed)
    {
        await using var signalling = await Backend.StartAsync("signalling");
        await using var edge = await RunningEdge.StartAsync(null, ("MESH_ADMIN_PUBLIC", administration), ("MESH_ROOM_SIZE_PUBLIC", size));
        await edge.ListAsync(signalling);
        var (method, path) = (request.Split(' ')[0], request.Split(' ')[1]);
        using var message = new HttpRequestMessage(new HttpMethod(method), path);
        if (method != "GET") message.Content = new StringContent("{}");

        var answer = await edge.Https.SendAsync(message);

        Assert.Equal(passed, (await answer.Content.ReadAsStringAsync()).StartsWith("signalling " + path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1", "oidc", "auth /oidc/login?room=standup&tenant=acme")]
    [InlineData("1", "jwt", null)]
    [InlineData("0", "oidc", null)]
    public async Task A_login_by_a_provider_goes_to_auth_where_auth_does_it(string enabled, string type, string? expected)
    {
        await using var auth = await Backend.StartAsync("auth");
        await using var edge = await RunningEdge.StartAsync(null, ("ENABLE_AUTH", enabled), ("AUTH_TYPE", type));
        await edge.ListAsync(auth, service: "auth");

        var answer = await edge.Https.GetAsync(new Uri("/oidc/login?room=standup&tenant=acme", UriKind.Relative));

        if (expected is null) Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        else Assert.StartsWith(expected, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_signalling_the_answer_says_to_come_again()
    {
        await using var edge = await RunningEdge.StartAsync();

        var answer = await edge.Https.GetAsync(new Uri("/_unlock?room=r", UriKind.Relative));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Colibri_ws_reaches_a_bridge_that_reported_itself_and_nobody_else()
    {
        await using var bridge = await Backend.StartAsync("bridge");
        await using var edge = await RunningEdge.StartAsync();
        edge.Services.GetRequiredService<BridgeDirectory>().Note(Report("jvb-1", 2, bridge.Address));
        edge.Services.GetRequiredService<BridgeDirectory>().Note(Report("jvb-1", 1, "http://127.0.0.1:1"));

        Assert.StartsWith("bridge /colibri-ws/jvb-1/abc/endpoint?pwd=x", await edge.AskAsync("/colibri-ws/jvb-1/abc/endpoint?pwd=x", null), StringComparison.Ordinal);
        foreach (var stranger in new[] { "jvb-2", "127.0.0.1", "localhost:22" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await edge.Https.GetAsync(new Uri($"/colibri-ws/{stranger}/abc/endpoint?pwd=x", UriKind.Relative))).StatusCode);
        }
    }

    private static BridgeStatusReported Report(string id, long number, string address) =>
        new() { BridgeId = id, Number = number, StartedAt = DateTimeOffset.UnixEpoch, ControlAddress = "inproc:x", WebSocketAddress = address };
}

internal static class EdgeExtensions
{
    public static async Task ListAsync(this RunningEdge edge, Backend backend, bool draining = false, string service = "signalling")
    {
        var record = new NodeRecord { NodeId = backend.Name, ServiceName = service, HttpAddress = backend.Address, GrpcAddress = backend.Address, Draining = draining };
        await edge.Services.GetRequiredService<IMeshStore>().SetPlacementAsync(NodeRecord.Key(service, backend.Name), record.ToText(), TimeSpan.FromMinutes(5));
    }

    public static async Task OwnAsync(this RunningEdge edge, string room, Backend backend) =>
        await edge.Services.GetRequiredService<IMeshStore>().SetPlacementAsync(OwnershipKeys.Owner("signalling", Partitions.Of(room)), backend.Name, TimeSpan.FromMinutes(5));

    public static async Task PlaceAsync(this RunningEdge edge, string key, string value) =>
        await edge.Services.GetRequiredService<IMeshStore>().SetPlacementAsync(key, value, TimeSpan.FromMinutes(5));

    /// <summary>Opens a WebSocket over HTTPS and returns the first thing said.</summary>
    public static async Task<string> AskAsync(this RunningEdge edge, string path, string? protocol = "xmpp")
    {
        using var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=JitsiMesh self-signed";
        if (protocol is not null) socket.Options.AddSubProtocol(protocol);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await socket.ConnectAsync(new Uri($"wss://127.0.0.1:{edge.HttpsAddress.Port}{path}"), limit.Token);
        var buffer = new byte[1024];
        var got = await socket.ReceiveAsync(buffer, limit.Token);
        return Encoding.UTF8.GetString(buffer, 0, got.Count);
    }
}

/// <summary>A service behind the edge that says what it was asked.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(WebApplication app, string name)
    {
        _app = app;
        Name = name;
    }

    public string Name { get; }

    /// <summary>Of the last request.</summary>
    public string TraceParent { get; private set; } = "";

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<Backend> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseWebSockets();
        var backend = new Backend(app, name);
        app.Run(async context =>
        {
            var request = context.Request;
            backend.TraceParent = request.Headers["traceparent"].ToString();
            var text = $"{name} {request.Path}{request.QueryString} {request.Host} {string.Join(',', context.WebSockets.WebSocketRequestedProtocols)} {request.Headers["X-Forwarded-For"]}";
            if (!context.WebSockets.IsWebSocketRequest)
            {
                await context.Response.WriteAsync(text);
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault());
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            await socket.ReceiveAsync(new byte[16], context.RequestAborted);
        });
        await app.StartAsync();
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
