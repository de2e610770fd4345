using JitsiMesh.Headless.Participants;
using JitsiMesh.Jingle;
using JitsiMesh.Kit.Processes;
using JitsiMesh.Mesh.Tests.UnderTest;
using Xunit.Abstractions;

namespace JitsiMesh.Mesh.Tests.HighAvailability;

/// <summary>A mesh of two of each service over three RabbitMQ nodes and a Redis with replicas and Sentinels, while the one that matters most is killed under a call and stays away.</summary>
public sealed class HighAvailabilityTests(HighAvailabilityCluster cluster, ITestOutputHelper output) : IClassFixture<HighAvailabilityCluster>
{
    [NeedsClusterFact(isLong: true)]
    public async Task A_call_outlives_the_RabbitMQ_node_that_leads_most_queues()
    {
        await CallOutlivesAsync("RabbitMQ node", 91, async () =>
        {
            var queues = await cluster.Brokers.QueuesAsync();
            Assert.True(queues.Count(queue => queue.Type == "quorum") >= 4, string.Join('\n', queues));

            // What is on one node alone must go with the connection of the process that has it, so that this process can make it anew.
            Assert.All(queues, queue => Assert.True(queue.Type == "quorum" ? queue.Members == 3 : queue.IsExclusive, queue.ToString()));
            cluster.Brokers.Kill(queues.Where(queue => queue.Type == "quorum").GroupBy(queue => queue.Leader).MaxBy(leader => leader.Count())!.Key);
        });
    }

    [NeedsClusterFact(isLong: true)]
    public async Task A_call_outlives_the_Redis_master_and_no_confirmed_write_is_lost()
    {
        await using var witness = new StoreWitness(cluster.Stores.Address);
        var before = await cluster.Stores.MasterAsync();
        await CallOutlivesAsync("Redis master", 92, () =>
        {
            Assert.True(witness.Confirmed > 0);
            cluster.Stores.Kill(before);
            return Task.CompletedTask;
        });
        Assert.NotEqual(before, await cluster.Stores.MasterAsync());
        await witness.ExpectNothingLostAsync();
        output.WriteLine(FormattableString.Invariant($"{witness.Confirmed} confirmed writes, none lost"));
    }

    private async Task CallOutlivesAsync(string what, ulong seed, Func<Task> kill)
    {
        var mesh = cluster.Mesh;
        var room = FormattableString.Invariant($"outlives{seed}");
        await using var party = new Party(mesh, seed);
        await party.JoinAsync(room, 3);
        await party.ExpectMediaAsync(party.Clients);
        var (moderator, victim) = (party[0], party[1]);
        await party.ExpectAsync("the first is moderator", () => moderator.Read(p => p.Role == "moderator"));
        var before = mesh.Cluster.Processes;

        await kill();
        var moment = new Moment(output);
        moderator.Do((p, _) => p.SendMessage("after " + what));
        moderator.Do((p, _) => p.Mute(victim.Nick, MediaKind.Audio, mute: true));
        var newcomer = JoinAsync(room, 1);
        var pair = JoinAsync(room + "-new", 2);
        await Task.WhenAll(
            ToldAsync("chat", () => victim.History.OfType<ParticipantEvent.MessageReceived>().Any(m => m.Body == "after " + what)),
            ToldAsync("a mute", () => victim.History.OfType<ParticipantEvent.Muted>().Any()),
            newcomer,
            pair);
        Assert.All(party.Clients.Take(3), client =>
        {
            Assert.Equal((0, 0), client.Read(p => (p.FocusLeavesSeen, p.LeavesSeen)));
            Assert.Single(client.History.OfType<ParticipantEvent.Offered>());
        });
        Assert.Equal(before, mesh.Cluster.Processes);

        async Task ToldAsync(string thing, Func<bool> condition)
        {
            await party.ExpectAsync(thing, condition, Moment.Limit(20));
            moment.Told($"{what} killed, {thing}");
        }

        async Task JoinAsync(string name, int count)
        {
            var isNew = name != room;
            List<Headless.Sockets.HeadlessClient> joined = [];
            for (var i = 0; i < count; i++)
            {
                var client = party.Add(name);
                joined.Add(client);
                await client.JoinAsync();
                await party.ExpectAsync("joins", () => client.Read(p => p.IsJoined), Moment.Limit(20));
            }

            await party.ExpectMediaAsync(isNew ? joined : [.. party.Clients.Take(3), .. joined], packets: 1, frames: 1, seconds: Moment.Limit(20));
            moment.Told($"{what} killed, {(isNew ? "a new room" : "a newcomer")} sees and hears all");
        }
    }
}

/// <summary>Brokers and stores, and a mesh over them that nothing else is killed in.</summary>
public sealed class HighAvailabilityCluster : IAsyncLifetime
{
    public BrokerCluster Brokers { get; private set; } = null!;

    public StoreCluster Stores { get; private set; } = null!;

    public ClusterMesh Mesh { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (NeedsClusterFactAttribute.MissingForLong is not null) return;
        var (brokers, stores) = (BrokerCluster.StartAsync(), StoreCluster.StartAsync());
        (Brokers, Stores) = (await brokers, await stores);
        Mesh = new ClusterMesh(await ClusterProcess.StartAsync(
            ClusterFixture.Scale + ",auth=2,sip-gateway=0,recorder=0", new Dictionary<string, string> { ["MESH_BUS"] = Brokers.Address, ["MESH_REDIS"] = Stores.Address, ["LOG_LEVEL"] = Environment.GetEnvironmentVariable("LOG_LEVEL") ?? "info" }));
    }

    public async Task DisposeAsync()
    {
        if (Mesh is not null) await Mesh.DisposeAsync();
        if (Brokers is not null) await Brokers.DisposeAsync();
        if (Stores is not null) await Stores.DisposeAsync();
    }
}
