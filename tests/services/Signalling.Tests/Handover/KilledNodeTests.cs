using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Signalling.Handover;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Signalling.Tests.Handover;

/// <summary>Several nodes with real sockets on one link and one store; one of them dies without a word while people talk.</summary>
public sealed class KilledNodeTests : IAsyncLifetime, IDisposable
{
    private const string Call = "call@muc.meet.jitsi";

    private readonly FailingStore _store = new(new InMemoryMeshStore(TimeProvider.System));
    private readonly InMemoryLinkHub _hub;
    private readonly List<Node> _nodes = [];

    public KilledNodeTests() => _hub = new InMemoryLinkHub(_store);

    [Fact]
    public async Task Whatever_both_sides_say_and_ask_while_nodes_are_killed_arrives_once_and_in_order()
    {
        var random = new Random(20261201);
        var node = await StartAsync();
        await using var ann = await TalkingClient.JoinAsync(node.Port, Call);
        var other = await StartAsync();
        await using var bob = await TalkingClient.JoinAsync(other.Port, Call);
        using var over = new CancellationTokenSource();
        var talk = new[] { TalkAsync(ann, "a", over.Token), TalkAsync(bob, "b", over.Token) };
        for (var round = 0; round < 8; round++)
        {
            var next = await StartAsync();
            await Task.Delay(random.Next(0, 700), CancellationToken.None);
            var victim = round % 2 == 0 ? (Node: node, Client: ann) : (Node: other, Client: bob);
            await KillAsync(victim.Node, victim.Client);
            var answer = await victim.Client.ResumeAsync(next.Port);
            Assert.Equal("resumed", answer.Name);
            if (round % 2 == 0) node = next;
            else other = next;
        }

        await over.CancelAsync();
        var (saidByAnn, saidByBob) = (await talk[0], await talk[1]);
        foreach (var client in new[] { ann, bob })
        {
            await client.UntilAsync(() => client.Bodies.Count(body => body[0] == 'a') >= saidByAnn && client.Bodies.Count(body => body[0] == 'b') >= saidByBob);
            Assert.Equal(Enumerable.Range(1, saidByAnn).Select(i => $"a{i}"), client.Bodies.Where(body => body[0] == 'a'));
            Assert.Equal(Enumerable.Range(1, saidByBob).Select(i => $"b{i}"), client.Bodies.Where(body => body[0] == 'b'));
            Assert.Empty(client.Left);
        }

        foreach (var (client, name, said) in new[] { (ann, "a", saidByAnn), (bob, "b", saidByBob) })
        {
            await client.UntilAsync(() => client.Answers.Count(id => id[0] == 'q') >= said);
            Assert.Equal(Enumerable.Range(1, said).Select(i => $"q{name}{i}"), client.Answers.Where(id => id[0] == 'q'));
        }
    }

    [Fact]
    public async Task A_client_that_acknowledges_nothing_and_was_written_down_is_resumed_with_all_it_missed()
    {
        var node = await StartAsync();
        await using var ann = await TalkingClient.JoinAsync(node.Port, Call);
        var other = await StartAsync();
        await using var bob = await TalkingClient.JoinAsync(other.Port, Call);
        await bob.SendAsync(Message("b1"));
        await ann.UntilAsync(() => ann.Bodies.Contains("b1"));
        await KillAsync(node, ann);
        for (var i = 2; i <= 20; i++) await bob.SendAsync(Message($"b{i}"));
        await bob.UntilAsync(() => bob.Bodies.Count == 20);
        Assert.Equal("resumed", (await ann.ResumeAsync(other.Port)).Name);
        await ann.UntilAsync(() => ann.Bodies.Count == 20);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"b{i}"), ann.Bodies);
        Assert.Empty(bob.Left);
    }

    [Fact]
    public async Task A_killed_node_whose_clients_do_not_come_back_leaves_the_rooms_when_their_wait_is_over()
    {
        var node = await StartAsync(TimeSpan.FromSeconds(2));
        await using var ann = await TalkingClient.JoinAsync(node.Port, Call);
        var other = await StartAsync(TimeSpan.FromSeconds(2));
        await using var bob = await TalkingClient.JoinAsync(other.Port, Call);
        // A question that she does not answer is bounced before she leaves.
        await bob.SendAsync($"<iq type='get' id='open' to='{Call}/{ann.Nick}'><query xmlns='urn:x'/></iq>");
        await ann.UntilAsync(() => ann.Questions.Contains("open"));
        await KillAsync(node, ann);
        await bob.UntilAsync(() => bob.Left.Contains($"{Call}/{ann.Nick}"));
        Assert.Contains("open", bob.Answers);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await _store.KeysAsync("session:")).Count > 1) await Task.Delay(20, limit.Token);
    }

    [Fact]
    public async Task A_node_that_is_alone_and_killed_is_followed_by_one_that_goes_on_with_its_sessions()
    {
        var node = await StartAsync();
        await using var ann = await TalkingClient.JoinAsync(node.Port, Call);
        await ann.SendAsync(Message("a1"));
        await ann.UntilAsync(() => ann.Bodies.Contains("a1"));
        await KillAsync(node, ann);
        var next = await StartAsync();
        Assert.Equal("resumed", (await ann.ResumeAsync(next.Port)).Name);
        await ann.SendAsync(Message("a2"));
        await ann.UntilAsync(() => ann.Bodies.Contains("a2"));
        Assert.Equal(["a1", "a2"], ann.Bodies);
    }

    [Fact]
    public async Task Answers_wait_for_the_record_and_go_out_without_it_while_the_store_is_away()
    {
        var node = await StartAsync();
        await using var ann = await TalkingClient.JoinAsync(node.Port, Call);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.WritingAsync = key => key.StartsWith("session:", StringComparison.Ordinal) ? held.Task : Task.CompletedTask;
        await ann.SendAsync(Question("q1"));
        await Task.Delay(300);
        Assert.DoesNotContain("q1", ann.Answers);
        held.SetResult();
        await ann.UntilAsync(() => ann.Answers.Contains("q1"));

        _store.WritingAsync = null;
        _store.Writing = key =>
        {
            if (key.StartsWith("session:", StringComparison.Ordinal)) throw new IOException("on purpose");
        };
        await ann.SendAsync(Question("q2"));
        await ann.UntilAsync(() => ann.Answers.Contains("q2"));
        await ann.SendAsync(Message("a1"));
        await ann.UntilAsync(() => ann.Bodies.Contains("a1"));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes) await node.Host.DisposeAsync();
    }

    public void Dispose() => _hub.Dispose();

    private static string Message(string text) => $"<message type='groupchat' to='{Call}'><body>{text}</body></message>";

    private static string Question(string id) => $"<iq type='get' id='{id}' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/></iq>";

    /// <summary>Says and asks until it is over; returns how often.</summary>
    private static async Task<int> TalkAsync(TalkingClient client, string name, CancellationToken over)
    {
        var said = 0;
        while (!over.IsCancellationRequested)
        {
            said++;
            await client.SendAsync(Message($"{name}{said}"));
            await client.SendAsync(Question($"q{name}{said}"));
            if (said % 3 == 0) await client.AskAcknowledgementAsync();
            await Task.Delay(40, CancellationToken.None);
        }

        return said;
    }

    private async Task<Node> StartAsync(TimeSpan? hibernation = null)
    {
        var life = new Lifeline(_store);
        var host = await SignallingHost.StartAsync(prepare: services =>
        {
            services.AddSingleton<IMeshStore>(life);
            services.AddSingleton<IStanzaLink>(provider => life.LinkOf(_hub, provider.GetRequiredService<MeshNode>().NodeId));
            services.AddSingleton(new SignallingOptions { SessionRecords = true, HibernationTime = hibernation ?? TimeSpan.FromSeconds(60) });
        });
        var node = new Node(host, life);
        _nodes.Add(node);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var id = host.Services.GetRequiredService<IStanzaLink>().NodeId;
        while (await _store.GetPlacementAsync(NodeRecord.Key("signalling", id)) is null || await _store.GetPlacementAsync(SessionKeepers.Key("signalling", id)) is null) await Task.Delay(10, limit.Token);
        return node;
    }

    private static async Task KillAsync(Node node, TalkingClient client)
    {
        var cutting = node.Life.CutAsync();
        await client.LoseAsync();
        await cutting;
    }

    private sealed record Node(SignallingHost Host, Lifeline Life)
    {
        public int Port => Host.Port;
    }
}
