using System.Collections.Concurrent;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Links.RabbitMq;
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

    private sealed class Cluster(Uri broker) : ILinkCluster
    {
        private readonly InMemoryMeshStore _store = new(TimeProvider.System);
        private readonly ConcurrentQueue<RabbitMqStanzaLink> _links = new();
        private readonly string _prefix = $"test.{Guid.NewGuid():N}.";

        public Task<IStanzaLink> StartNodeAsync(string name)
        {
            var link = new RabbitMqStanzaLink(broker, name, _store, NullLogger<RabbitMqStanzaLink>.Instance, _prefix);
            _links.Enqueue(link);
            return Task.FromResult<IStanzaLink>(link);
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
