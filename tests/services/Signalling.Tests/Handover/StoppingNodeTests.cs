using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Signalling.Tests.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Signalling.Tests.Handover;

/// <summary>Several nodes with real sockets on one link and one store; one of them is told to end while people talk.</summary>
public sealed class StoppingNodeTests : IAsyncLifetime, IDisposable
{
    private const string Call = "call@muc.meet.jitsi";

    private readonly FailingStore _store = new(new InMemoryMeshStore(TimeProvider.System));
    private readonly InMemoryLinkHub _hub;
    private readonly List<SignallingHost> _hosts = [];

    public StoppingNodeTests() => _hub = new InMemoryLinkHub(_store);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clients_of_a_node_that_stops_resume_at_another_one_and_each_word_of_both_sides_arrives_once_and_in_order(bool records)
    {
        var first = await StartAsync(records);
        using var ann = await SocketClient.ConnectAsync(first.Port);
        await ann.JoinAsync(Call);
        var second = await StartAsync(records);
        using var bob = await SocketClient.ConnectAsync(second.Port);
        await bob.JoinAsync(Call);

        await SayAsync(bob, "b1");
        await SayAsync(ann, "a1");
        // Its own word has come back, so that the node has counted it.
        await ann.UntilAsync("<message><body>a1</body></message>");
        var annSent = 3u;
        // While the session is being written down, and its socket is still open.
        _store.WritingAsync = async key =>
        {
            if (!key.StartsWith("session:", StringComparison.Ordinal) || ann.Bodies.Contains("a2")) return;
            _store.WritingAsync = null;
            await SayAsync(ann, "a2");
            await SayAsync(bob, "b2");
            await bob.UntilAsync("<message><body>b2</body></message>");
        };
        await StopAsync(first);
        Assert.Null(_store.WritingAsync);
        Assert.Null(await ann.TryUntilAsync("<never/>"));
        await SayAsync(bob, "b3");
        await bob.UntilAsync("<message><body>b3</body></message>");

        var (again, resumed) = await SocketClient.ResumeAsync(second.Port, ann);
        using var socket = again;
        Assert.Equal("resumed", resumed.Name);
        Assert.Equal(ann.ResumeId, resumed["previd"]);
        // What the node had not handled the client sends again (XEP-0198 section 5).
        // With records any of them may have been the one that was being written, and the node had handled it before it stopped.
        if (!records) Assert.Equal($"{annSent}", resumed["h"]);
        if (resumed["h"] == $"{annSent}") await SayAsync(again, "a2");
        await SayAsync(bob, "b4");
        await again.UntilAsync("<message><body>b4</body></message>");
        await SayAsync(again, "a3");
        await bob.UntilAsync("<message><body>a3</body></message>");
        await again.UntilAsync("<message><body>a3</body></message>");

        Assert.Equal(["b1", "b2", "b3", "b4"], again.Bodies.Where(body => body[0] == 'b'));
        Assert.Equal(["a1", "a2", "a3"], again.Bodies.Where(body => body[0] == 'a'));
        Assert.Equal(["a1", "a2", "a3"], bob.Bodies.Where(body => body[0] == 'a'));
        Assert.Empty(bob.Left);
        Assert.Empty(again.Left);
        if (!records) Assert.Empty(await _store.KeysAsync("session:"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_goes_on_from_node_to_node_as_often_as_they_stop(bool records)
    {
        var node = await StartAsync(records);
        var ann = await SocketClient.ConnectAsync(node.Port);
        await ann.JoinAsync(Call);
        for (var i = 1; i <= 3; i++)
        {
            var next = await StartAsync(records);
            await StopAsync(node);
            Assert.Null(await ann.TryUntilAsync("<never/>"));
            var (again, resumed) = await SocketClient.ResumeAsync(next.Port, ann);
            ann.Dispose();
            (ann, node) = (again, next);
            Assert.Equal("resumed", resumed.Name);
            await SayAsync(ann, $"{i}");
            await ann.UntilAsync($"<message><body>{i}</body></message>");
        }

        Assert.Equal(["1", "2", "3"], ann.Bodies);
        ann.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stranger_who_knows_the_id_does_not_get_a_session_that_was_handed_over_and_its_own_client_does(bool records)
    {
        var first = await StartAsync(records);
        using var ann = await SocketClient.ConnectAsync(first.Port);
        await ann.JoinAsync(Call);
        var second = await StartAsync(records);
        await StopAsync(first);
        Assert.Null(await ann.TryUntilAsync("<never/>"));

        // The id is in the stanza but not in the URL: the login made another user.
        var (mallory, refused) = await SocketClient.ResumeAsync(second.Port, ann, named: false);
        mallory.Dispose();
        Assert.Equal("failed", refused.Name);
        var (again, resumed) = await SocketClient.ResumeAsync(second.Port, ann);
        again.Dispose();
        Assert.Equal("resumed", resumed.Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_does_not_come_back_leaves_when_its_wait_is_over(bool records)
    {
        var first = await StartAsync(records, TimeSpan.FromSeconds(2));
        using var ann = await SocketClient.ConnectAsync(first.Port);
        await ann.JoinAsync(Call);
        var second = await StartAsync(records, TimeSpan.FromSeconds(2));
        using var bob = await SocketClient.ConnectAsync(second.Port);
        await bob.JoinAsync(Call);
        await StopAsync(first);
        await bob.UntilAsync($"<presence type='unavailable' from='{Call}/{ann.Nick}'/>");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_cannot_be_written_down_leaves_its_rooms_at_once(bool records)
    {
        var first = await StartAsync(records);
        using var ann = await SocketClient.ConnectAsync(first.Port);
        await ann.JoinAsync(Call);
        var second = await StartAsync(records);
        using var bob = await SocketClient.ConnectAsync(second.Port);
        await bob.JoinAsync(Call);
        _store.Writing = key =>
        {
            if (key.StartsWith("session:", StringComparison.Ordinal)) throw new IOException("on purpose");
        };
        await StopAsync(first);
        await bob.UntilAsync($"<presence type='unavailable' from='{Call}/{ann.Nick}'/>");
        var (again, refused) = await SocketClient.ResumeAsync(second.Port, ann);
        again.Dispose();
        Assert.Equal("failed", refused.Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_made_up_id_of_a_node_that_has_stopped_brings_nothing(bool records)
    {
        var first = await StartAsync(records);
        using var ann = await SocketClient.ConnectAsync(first.Port);
        await ann.JoinAsync(Call);
        var second = await StartAsync(records);
        await StopAsync(first);
        using var eve = await SocketClient.DialAsync(second.Port, $"/xmpp-websocket?room=call&previd={ann.ResumeId[..^1]}x");
        await eve.LogInAsync();
        await eve.SendAsync($"<resume xmlns='urn:xmpp:sm:3' h='0' previd='{ann.ResumeId[..^1]}x'/>");
        await eve.UntilAsync("<failed xmlns='urn:xmpp:sm:3'/>");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
    }

    public void Dispose() => _hub.Dispose();

    private static Task SayAsync(SocketClient client, string text) => client.SendAsync($"<message type='groupchat' to='{Call}'><body>{text}</body></message>");

    private async Task<SignallingHost> StartAsync(bool records, TimeSpan? hibernation = null)
    {
        var host = await SignallingHost.StartAsync(prepare: services =>
        {
            services.AddSingleton<IMeshStore>(_store);
            services.AddSingleton(_hub);
            services.AddSingleton(new SignallingOptions { SessionRecords = records, HibernationTime = hibernation ?? TimeSpan.FromSeconds(60) });
        });
        _hosts.Add(host);
        // Listed: one that stops looks there for who goes on.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await _store.GetPlacementsAsync(NodeRecord.Keys("signalling"))).Count < _hosts.Count) await Task.Delay(10, limit.Token);
        return host;
    }

    private async Task StopAsync(SignallingHost host)
    {
        _hosts.Remove(host);
        await host.DisposeAsync();
    }
}
