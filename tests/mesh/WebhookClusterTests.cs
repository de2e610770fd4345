using JitsiMesh.Headless.Participants;
using JitsiMesh.Headless.Sockets;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests;

/// <summary>Webhooks of a cluster of two signalling nodes to a receiver on a real socket, while nodes are killed and the receiver is down.</summary>
public sealed class WebhookClusterTests(WebhookCluster cluster, ITestOutputHelper output) : IClassFixture<WebhookCluster>
{
    private WebhookReceiver Receiver => cluster.Receiver;

    [NeedsClusterFact]
    public async Task A_meeting_is_told_with_who_came_and_why_each_has_left()
    {
        await using var party = new Party(cluster.Mesh, 71);
        await party.JoinAsync("told", 3);
        var (first, second, third) = (party[0], party[1], party[2]);
        await party.ExpectAsync("the first is moderator", () => first.Read(p => p.Role == "moderator"));
        await SeesAsync(party, first, second, third);
        first.Do((p, _) => p.Kick(third.Nick));
        await party.ExpectAsync("the third is out", () => third.History.OfType<ParticipantEvent.Left>().Any());
        second.Leave();
        await party.ExpectAsync("the second is out", () => first.Read(p => !p.Occupants.ContainsKey(second.Nick)));
        first.Leave();
        string[] expected =
        [
            "room.created", $"participant.joined {first.Nick}", $"participant.joined {second.Nick}", $"participant.joined {third.Nick}",
            $"participant.left {third.Nick} kicked", $"participant.left {second.Nick} left", $"participant.left {first.Nick} left", "room.ended 3",
        ];
        await party.ExpectAsync("all of it is told", () => Receiver.Of("told").Count >= expected.Length, 120);
        AssertTold(expected, "told");
        Assert.Equal(0, Receiver.Forged);
    }

    [NeedsClusterFact]
    public async Task Nothing_is_lost_when_the_receiver_is_down_and_the_node_that_owns_the_room_is_killed_meanwhile()
    {
        await using var party = new Party(cluster.Mesh, 72);
        var (stays, killed) = ("signalling-1", "signalling-2");
        for (var i = 0; ; i++)
        {
            await JoinBy(stays, $"killed{i}");
            if (await cluster.Mesh.SignallingOfAsync($"killed{i}") == killed) break;
            party[^1].Leave();
        }

        var first = party[^1];
        var room = first.Read(p => p.Options.Room);
        await Receiver.DownAsync();
        var lost = await JoinBy(killed, room);
        await SeesAsync(party, first, lost);
        var moment = new Moment(output);
        cluster.Mesh.Cluster.Kill(killed);
        await party.ExpectAsync("who was cut off is out", () => first.Read(p => !p.Occupants.ContainsKey(lost.Nick)), 120);
        var late = await JoinBy(stays, room);
        await SeesAsync(party, first, late);
        await Receiver.UpAsync();
        late.Leave();
        await party.ExpectAsync("the late one is out", () => first.Read(p => !p.Occupants.ContainsKey(late.Nick)));
        first.Leave();
        string[] expected =
        [
            "room.created", $"participant.joined {first.Nick}", $"participant.joined {lost.Nick}", $"participant.left {lost.Nick} timed-out",
            $"participant.joined {late.Nick}", $"participant.left {late.Nick} left", $"participant.left {first.Nick} left", "room.ended 2",
        ];
        await party.ExpectAsync("all of it is told", () => Receiver.Of(room).Count >= expected.Length, 240);
        moment.Told($"{killed} killed and the receiver down meanwhile, all events are there ({Receiver.Requests} requests)");
        AssertTold(expected, room);
        Assert.Equal(0, Receiver.Forged);

        async Task<HeadlessClient> JoinBy(string node, string name)
        {
            var client = party.Add(name, webSocket: cluster.Mesh.SignallingSocket(node));
            await client.JoinAsync();
            await party.ExpectAsync("joins", () => client.Read(p => p.IsJoined));
            return client;
        }
    }

    /// <summary>Whoever was not seen yet looks like one that has left.</summary>
    private static Task SeesAsync(Party party, HeadlessClient who, params HeadlessClient[] others) =>
        party.ExpectAsync("the others are seen", () => who.Read(p => others.All(other => p.Occupants.ContainsKey(other.Nick))));

    /// <summary>All of it at once in the message: an order is seen as a whole or not at all.</summary>
    private void AssertTold(IReadOnlyList<string> expected, string room)
    {
        var told = Receiver.Of(room);
        Assert.True(expected.SequenceEqual(told), $"Expected:\n  {string.Join("\n  ", expected)}\nTold:\n  {string.Join("\n  ", told)}");
    }
}

/// <summary>One cluster of two signalling nodes, and its receiver.</summary>
public sealed class WebhookCluster : IAsyncLifetime
{
    public ClusterMesh Mesh { get; private set; } = null!;

    public WebhookReceiver Receiver { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (NeedsClusterFactAttribute.Missing is not null) return;
        Receiver = await WebhookReceiver.StartAsync();
        Mesh = new ClusterMesh(await ClusterProcess.StartAsync("signalling=2", new Dictionary<string, string> { ["MESH_WEBHOOK_URLS"] = Receiver.Url.AbsoluteUri, ["MESH_WEBHOOK_SECRET"] = WebhookReceiver.Secret }));
    }

    public async Task DisposeAsync()
    {
        if (NeedsClusterFactAttribute.Missing is not null) return;
        await Mesh.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
