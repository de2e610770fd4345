using System.Collections.Concurrent;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Links.RabbitMq;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Hosting.Tests.Kit;
using JitsiMesh.Hosting.Tests.Programs;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace JitsiMesh.Hosting.Tests.Links;

public sealed class RabbitMqStanzaLinkTests(RunningRabbitMq broker) : IClassFixture<RunningRabbitMq>
{
    [RabbitMqTheory]
    [MemberData(nameof(StanzaLinkContract.Names), MemberType = typeof(StanzaLinkContract))]
    public async Task Contract(string scenario)
    {
        await using var cluster = new Cluster(broker.Address);
        await StanzaLinkContract.RunAsync(scenario, cluster);
    }

    [RabbitMqFact]
    public async Task A_broker_that_dies_and_comes_back_loses_and_reorders_nothing()
    {
        const int Count = 60;
        await using var cluster = new Cluster(broker.Address);
        var consumer = new RecordingConsumer();
        var receiver = await cluster.StartNodeAsync("receiver");
        await using var subscription = await receiver.ConsumePartitionsAsync("focus", consumer);
        await Eventually.HoldsAsync(() => consumer.Owned.Count == Partitions.Count, () => $"{consumer.Owned.Count} owned", 90);
        var sender = await cluster.StartNodeAsync("sender");
        var room = "r@muc.meet.jitsi";

        var sending = Task.Run(async () =>
        {
            for (var i = 1; i <= Count; i++) await sender.SendAsync(LinkQueue.Partition("focus", Partitions.Of(room)), StanzaLinkContract.Envelope(room, i));
        });
        await Eventually.HoldsAsync(() => consumer.Received.Count >= 10, () => "nothing arrived");
        await broker.KillAsync();
        await Eventually.HoldsAsync(() => consumer.Owned.IsEmpty, () => $"{consumer.Owned.Count} still owned without a broker");
        await broker.StartAsync();
        await sending.WaitAsync(TimeSpan.FromMinutes(2));

        // An envelope whose acknowledgement was lost comes once more; the filter of this consumer drops it.
        await Eventually.HoldsAsync(() => consumer.Received.Count >= Count, () => $"{consumer.Received.Count} of {Count} arrived", 90);
        Assert.Equal(Enumerable.Range(1, Count).Select(i => (long)i), consumer.Received.Select(r => r.Envelope.Sequence));
        Assert.Empty(consumer.Violations);
    }

    [RabbitMqFact]
    public async Task A_node_that_is_cut_off_from_the_broker_loses_its_partitions_to_another_and_no_envelope()
    {
        const int Count = 80;
        await using var cluster = new Cluster(broker.Address);
        using var relay = new TcpRelay(broker.Port);
        var (cut, other) = (new RecordingConsumer { Meanwhile = _ => Task.Delay(20) }, new RecordingConsumer());
        await using var first = await cluster.StartNode("cut", new UriBuilder(broker.Address) { Port = relay.Port }.Uri).ConsumePartitionsAsync("focus", cut);
        await using var second = await (await cluster.StartNodeAsync("other")).ConsumePartitionsAsync("focus", other);
        await Eventually.HoldsAsync(() => cut.Owned.Count > 10 && cut.Owned.Count + other.Owned.Count == Partitions.Count, () => $"{cut.Owned.Count} and {other.Owned.Count} owned", 90);
        var partition = cut.Owned.Keys.First();
        var epoch = cut.Owned[partition];
        var room = Enumerable.Range(0, 10_000).Select(i => $"room{i}@muc.meet.jitsi").First(r => Partitions.Of(r) == partition);
        var sender = await cluster.StartNodeAsync("sender");

        var sending = Task.Run(async () =>
        {
            for (var i = 1; i <= Count; i++) await sender.SendAsync(LinkQueue.Partition("focus", partition), StanzaLinkContract.Envelope(room, i));
        });
        await Eventually.HoldsAsync(() => cut.Received.Count >= 5, () => "nothing arrived");
        relay.Cut();

        // As if its entry in the store had long to live: the broker knows that it is gone.
        await cluster.KeepMemberAsync("cut");
        await Eventually.HoldsAsync(() => other.Owned.Count == Partitions.Count, () => $"{other.Owned.Count} owned by the other, {cut.Owned.Count} by the one cut off; members {cluster.Members}", 90);
        await sending.WaitAsync(TimeSpan.FromMinutes(2));
        await Eventually.HoldsAsync(() => other.Received.Any(r => r.Envelope.Sequence == Count), () => "the last did not arrive", 90);

        var seen = other.Received.Select(r => r.Envelope.Sequence).ToList();
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(Enumerable.Range(1, Count).Select(i => (long)i), cut.Received.Select(r => r.Envelope.Sequence).Union(seen).Order());
        Assert.True(other.Owned[partition] > epoch);
        Assert.Empty(cut.Owned);
        Assert.Empty(cut.Violations);
        Assert.Empty(other.Violations);
    }

    /// <summary>The broker delivers all again that it has no acknowledgement of; the consumer still has it, and gets it once.</summary>
    [RabbitMqFact]
    public async Task What_is_taken_and_not_safe_when_the_connection_breaks_stays_with_its_consumer()
    {
        await using var cluster = new Cluster(broker.Address);
        using var relay = new TcpRelay(broker.Port);
        var consumer = new DeferringConsumer();
        var node = cluster.StartNode("node", new UriBuilder(broker.Address) { Port = relay.Port }.Uri);
        var sender = await cluster.StartNodeAsync("sender");
        var queue = LinkQueue.Node("focus", node.NodeId);
        var subscription = await node.ConsumeNodeAsync("focus", consumer);
        await DeferringScenarios.SendAsync(sender, queue, 1, 6);
        await DeferringScenarios.ArrivedAsync(consumer, 6);
        consumer.Complete(1);

        // Broken in the middle: 2 and 3 are made safe while there is no connection.
        relay.Break();
        consumer.Complete(2, 3);
        await DeferringScenarios.SendAsync(sender, queue, 7, 8);
        await DeferringScenarios.ArrivedAsync(consumer, 8);
        consumer.Complete(4, 7);
        await subscription.DisposeAsync();
        Assert.Equal([1L, 2, 3, 4, 5, 6, 7, 8], consumer.Taken);

        var next = new DeferringConsumer();
        await using var taken = await sender.TakeOverNodeAsync(queue, static _ => ValueTask.CompletedTask, next);
        await DeferringScenarios.ArrivedAsync(next, 3);
        Assert.Equal([5L, 6, 8], next.Taken);
    }

    private sealed class Cluster(Uri broker) : ILinkCluster
    {
        private readonly InMemoryMeshStore _store = new(TimeProvider.System);
        private readonly ConcurrentQueue<RabbitMqStanzaLink> _links = new();
        private readonly string _prefix = $"test.{Guid.NewGuid():N}.";

        public string Members => string.Join(", ", _store.GetPlacementsAsync("member/").AsTask().GetAwaiter().GetResult().Keys);

        public ValueTask KeepMemberAsync(string name) => _store.SetPlacementAsync(OwnershipKeys.Member("focus", name), name, TimeSpan.FromHours(1));

        public Task<IStanzaLink> StartNodeAsync(string name) => Task.FromResult(StartNode(name, broker));

        public IStanzaLink StartNode(string name, Uri address)
        {
            var link = new RabbitMqStanzaLink(BusAddress.Of(address), name, _store, NullLogger<RabbitMqStanzaLink>.Instance, _prefix);
            _links.Enqueue(link);
            return link;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var link in _links) await link.DisposeAsync();
            await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            for (var partition = 0; partition < Partitions.Count; partition++) await channel.QueueDeleteAsync(_prefix + LinkQueue.Partition("focus", partition).Name);
        }
    }
}
