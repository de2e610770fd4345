using System.Net;
using System.Text;
using JitsiMesh.Contracts.Store;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace JitsiMesh.EdgeProxy.Tests.Routes;

/// <summary>Requests over BOSH reach the node that has their session, and no other address.</summary>
public sealed class BoshTests
{
    private const string Secret = "0af7651916cd43dd8448eb211c80319c";

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Every_request_of_a_session_reaches_the_node_that_its_id_names_whatever_its_room_is(string http)
    {
        await using var keeper = await BodyBackend.StartAsync("keeper");
        await using var owner = await BodyBackend.StartAsync("owner");
        await using var edge = await RunningEdge.StartAsync();
        await ListAsync(edge, keeper);
        await ListAsync(edge, owner);
        await edge.Services.GetRequiredService<IMeshStore>().SetPlacementAsync(Hosting.Links.OwnershipKeys.Owner("signalling", Contracts.Partitions.Of("r")), owner.Name, TimeSpan.FromMinutes(5));

        var first = "<body to='meet.jitsi' rid='1' xmlns='http://jabber.org/protocol/httpbind'/>";
        Assert.Equal($"owner /http-bind?room=R&prefix=acme meet.jitsi {first}", await PostAsync(edge, "/acme/http-bind?room=R&prefix=stolen", first, http));

        // All of it arrives, the long ones too.
        foreach (var payload in (string[])["/>", "></body>", $"><message>{new string('x', 400_000)}</message></body>"])
        {
            var body = $"<body rid='2' sid='{NodeTag.Put(NodeTag.Of("keeper"), Secret)}' xmlns='http://jabber.org/protocol/httpbind'{payload}";
            Assert.Equal($"keeper /http-bind?room=r&prefix= meet.jitsi {body}", await PostAsync(edge, "/http-bind?room=r", body, http));
        }
    }

    [Theory]
    [InlineData("127.0.0.1-x")]
    [InlineData("http://127.0.0.1:22/")]
    [InlineData("../../etc")]
    [InlineData("")]
    [InlineData("0123456789-" + Secret)]
    [InlineData(Secret)]
    public async Task An_id_that_names_no_node_reaches_a_node_all_the_same_and_nothing_else(string id)
    {
        await using var only = await BodyBackend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync();
        await ListAsync(edge, only);

        Assert.StartsWith("only /http-bind", await PostAsync(edge, "/http-bind", $"<body rid='2' sid='{id}' xmlns='http://jabber.org/protocol/httpbind'/>"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("<body")]
    public async Task What_is_no_body_reaches_a_node_which_says_so(string body)
    {
        await using var only = await BodyBackend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync();
        await ListAsync(edge, only);

        Assert.Equal($"only /http-bind?prefix= meet.jitsi {body}", await PostAsync(edge, "/http-bind", body));
    }

    [Fact]
    public async Task A_start_tag_that_does_not_end_is_looked_at_for_no_longer_than_its_bound()
    {
        await using var only = await BodyBackend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync();
        await ListAsync(edge, only);
        var body = $"<body a='{new string('a', 10 * EdgeLimits.BoshTagOctets)}' sid='x' xmlns='http://jabber.org/protocol/httpbind'/>";

        Assert.EndsWith(body, await PostAsync(edge, "/http-bind", body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused()
    {
        await using var only = await BodyBackend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync();
        await ListAsync(edge, only);
        using var content = new StringContent(new string('a', (int)EdgeLimits.BoshBodyOctets + 1));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await edge.Https.PostAsync(new Uri("/http-bind", UriKind.Relative), content)).StatusCode);
    }

    [Theory]
    [InlineData("OPTIONS")]
    [InlineData("GET")]
    public async Task Other_methods_are_signallings_to_answer(string method)
    {
        await using var only = await BodyBackend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync();
        await ListAsync(edge, only);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/acme/http-bind?room=r");

        Assert.StartsWith("only /http-bind?room=r&prefix=acme", await (await edge.Https.SendAsync(request)).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_WebSockets_their_door_is_not_passed_on_and_that_of_BOSH_is()
    {
        await using var only = await BodyBackend.StartAsync("only");
        await using var edge = await RunningEdge.StartAsync(null, ("ENABLE_XMPP_WEBSOCKET", "0"));
        await ListAsync(edge, only);

        Assert.Equal(HttpStatusCode.NotFound, (await edge.Https.GetAsync(new Uri("/xmpp-websocket", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await edge.Https.GetAsync(new Uri("/acme/xmpp-websocket", UriKind.Relative))).StatusCode);
        Assert.StartsWith("only /http-bind", await PostAsync(edge, "/http-bind", "<body rid='1' to='a' xmlns='http://jabber.org/protocol/httpbind'/>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_store_is_not_asked_for_each_request_and_ids_that_are_made_up_make_no_difference()
    {
        var time = new FakeTimeProvider();
        var store = new CountingStore();
        store.Nodes["node/signalling/a"] = Record("a", "http://127.0.0.1:1");
        using var placement = new SignallingPlacement(store, SecureRandomSource.Instance, time);
        var known = NodeTag.Put(NodeTag.Of("a"), Secret);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal("a", (await placement.FindKeeperAsync(known, CancellationToken.None))!.NodeId);
            Assert.Null(await placement.FindKeeperAsync(NodeTag.Put(NodeTag.Of($"made up {i}"), Secret), CancellationToken.None));
        }

        Assert.Equal(1, store.Reads);

        // A node that has come meanwhile is found soon, and one that is gone is forgotten.
        store.Nodes["node/signalling/b"] = Record("b", "http://127.0.0.1:2");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("b", (await placement.FindKeeperAsync(NodeTag.Put(NodeTag.Of("b"), Secret), CancellationToken.None))!.NodeId);
        store.Nodes.Remove("node/signalling/a");
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await placement.FindKeeperAsync(known, CancellationToken.None));
        Assert.Equal(3, store.Reads);
    }

    [Fact]
    public async Task While_the_store_is_away_the_nodes_that_were_there_are_found()
    {
        var time = new FakeTimeProvider();
        var store = new CountingStore();
        store.Nodes["node/signalling/a"] = Record("a", "http://127.0.0.1:1");
        using var placement = new SignallingPlacement(store, SecureRandomSource.Instance, time);
        var known = NodeTag.Put(NodeTag.Of("a"), Secret);
        store.IsAway = true;
        await Assert.ThrowsAsync<IOException>(async () => await placement.FindKeeperAsync(known, CancellationToken.None));
        store.IsAway = false;
        Assert.NotNull(await placement.FindKeeperAsync(known, CancellationToken.None));
        store.IsAway = true;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(await placement.FindKeeperAsync(known, CancellationToken.None));
    }

    private static string Record(string node, string address) => new NodeRecord { NodeId = node, ServiceName = "signalling", HttpAddress = address, GrpcAddress = address }.ToText();

    private static async Task ListAsync(RunningEdge edge, BodyBackend backend) =>
        await edge.Services.GetRequiredService<IMeshStore>().SetPlacementAsync(NodeRecord.Key("signalling", backend.Name), Record(backend.Name, backend.Address), TimeSpan.FromMinutes(5));

    private static async Task<string> PostAsync(RunningEdge edge, string path, string body, string http = "1.1")
    {
        using var content = new StringContent(body, Encoding.UTF8, "text/xml");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content, Version = Version.Parse(http), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await edge.Https.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>A service behind the edge that says what it was asked, with the body.</summary>
    private sealed class BodyBackend(WebApplication app, string name) : IAsyncDisposable
    {
        public string Name => name;

        public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        public static async Task<BodyBackend> StartAsync(string name)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            app.Run(async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                await context.Response.WriteAsync($"{name} {context.Request.Path}{context.Request.QueryString} {context.Request.Host} {await reader.ReadToEndAsync()}");
            });
            await app.StartAsync();
            return new BodyBackend(app, name);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }

    /// <summary>A list of nodes that counts who looks at it.</summary>
    private sealed class CountingStore : IMeshStore
    {
        public Dictionary<string, string> Nodes { get; } = [];

        public int Reads { get; private set; }

        public bool IsAway { get; set; }

        public ValueTask<IReadOnlyDictionary<string, string>> GetPlacementsAsync(string prefix, CancellationToken cancellation = default)
        {
            Reads++;
            return IsAway ? throw new IOException("away") : ValueTask.FromResult<IReadOnlyDictionary<string, string>>(Nodes.Where(n => n.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary());
        }

        public ValueTask<StoredDocument?> ReadAsync(string key, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<bool> WriteAsync(string key, long epoch, DocumentChange change, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<bool> DeleteAsync(string key, long epoch, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<string>> KeysAsync(string prefix, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<long> NextAsync(string counter, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask SetPlacementAsync(string key, string value, TimeSpan lifetime, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<string?> GetPlacementAsync(string key, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask RemovePlacementAsync(string key, CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask<long> TallyAsync(string key, long amount, TimeSpan lifetime, CancellationToken cancellation = default) => throw new NotSupportedException();
    }
}
