using System.Collections.Concurrent;
using System.Text;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Links.RabbitMq;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Hosting.Tests.Kit;
using JitsiMesh.Hosting.Tests.Programs;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace JitsiMesh.Hosting.Tests.Links;

/// <summary>What somebody puts into the broker's queues who has its password: counted and dropped, and what comes behind it is handled.</summary>
public sealed class HostileMessagesTests(RunningRabbitMq broker) : IClassFixture<RunningRabbitMq>
{
    private const string Room = "r@muc.meet.jitsi";

    // The default of RabbitMQ's client for .NET is 64 MiB: one octet more ended the connection, came again, and ended it again.
    private const int BeyondTheClientsDefault = (64 * 1024 * 1024) + 1;

    private static readonly string[] Unreadable =
    [
        "", "x", "[]", "null", "{}", "{", "\"text\"", "{\"Room\":5}", "{\"Room\":null,\"Stanza\":null}", "{\"Room\":\"r\",\"Stanza\":\"<a/>\",\"Sender\":null}",
        "{\"Room\":\"r\",\"Stanza\":\"<a/>\",\"Recipients\":[null]}", "{\"Room\":\"r\",\"Stanza\":\"<a/>\",\"Recipients\":5}", "{\"Room\":\"r\",\"Stanza\":\"<a/>\",\"Origin\":{}}",
        "{\"Room\":\"r\",\"Stanza\":\"<a/>\",\"Origin\":{\"RealJid\":null}}", "{\"Room\":\"r\",\"Stanza\":\"<a/>\",\"Sequence\":-1}", "{\"Room\":\"r\",\"Stanza\":\"<a/>\",\"Sequence\":1e400}",
        "{\"Room\":\"r\",\"Stanza\":\"\\ud800\"}", "{\"Room\":\"r\",\"Stanza\":\"<a/>\",\"ReplyQueue\":null}", "\ufeff{\"Room\":", new string('[', 100_000),
    ];

    [Fact]
    public void What_is_no_envelope_is_none()
    {
        foreach (var text in Unreadable) Assert.False(EnvelopeCodec.TryDecode(Encoding.UTF8.GetBytes(text), out _), text.Length > 100 ? "nested" : text);
        Assert.False(EnvelopeCodec.TryDecode([0x7B, 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D], out _));

        const int Seed = 20261130;
        var random = new Random(Seed);
        var body = EnvelopeCodec.Encode(StanzaLinkContract.Envelope(Room, 1)).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var mutated = (byte[])body.Clone();
            for (var change = random.Next(1, 6); change > 0; change--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);

            // It never throws (seed 20261130), and what it takes has all that a consumer reads.
            if (EnvelopeCodec.TryDecode(mutated.AsSpan(0, random.Next(mutated.Length + 1)), out var envelope)) Assert.NotNull(envelope.Room);
        }
    }

    [RabbitMqFact]
    public async Task What_is_no_envelope_is_counted_and_the_queue_goes_on()
    {
        using var counted = new Counted();
        var store = new InMemoryMeshStore(TimeProvider.System);
        var prefix = $"hostile{Guid.NewGuid():N}.";
        await using var link = new RabbitMqStanzaLink(BusAddress.Of(broker.Address), "receiver", store, NullLogger<RabbitMqStanzaLink>.Instance, prefix);
        var consumer = new RecordingConsumer();
        await using var partitions = await link.ConsumePartitionsAsync("focus", consumer);
        await Eventually.HoldsAsync(() => consumer.Owned.Count == Partitions.Count, () => $"{consumer.Owned.Count} owned", 90);
        var queue = LinkQueue.Partition("focus", Partitions.Of(Room));

        await using (var connection = await new ConnectionFactory { Uri = broker.Address, RequestedConnectionTimeout = TimeSpan.FromSeconds(30) }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)))
        {
            foreach (var text in Unreadable) await channel.BasicPublishAsync("", prefix + queue.Name, Encoding.UTF8.GetBytes(text));
            await channel.BasicPublishAsync("", prefix + queue.Name, new byte[BeyondTheClientsDefault]);
        }

        await link.SendAsync(queue, StanzaLinkContract.Envelope(Room, 7));
        await Eventually.HoldsAsync(() => consumer.Received.Any(r => r.Envelope.Room == Room), () => $"the envelope behind them did not arrive: {counted}", 90);
        Assert.Single(consumer.Received, r => r.Envelope.Room == Room);
        Assert.True(counted["jitsimesh.link.unreadable"] >= Unreadable.Length + 1, counted.ToString());
        Assert.Equal(Partitions.Count, consumer.Owned.Count);
        Assert.Equal(0, counted["jitsimesh.link.subscriptions_failed"]);
    }

    [RabbitMqFact]
    public async Task What_the_bus_cannot_read_is_counted_and_dropped_and_what_follows_is_consumed()
    {
        using var counted = new Counted();
        var seen = new ConcurrentQueue<string>();
        var builder = MeshHost.CreateBuilder([]);
        builder.AddMeshDefaults("focus", MeshSettings.From(new Dictionary<string, string?>
        {
            ["MESH_HTTP_PORT"] = "127.0.0.1:0",
            ["MESH_GRPC_PORT"] = "127.0.0.1:0",
            ["MESH_BUS"] = broker.Address.AbsoluteUri,
            ["LOG_LEVEL"] = "error",
        }));
        builder.Services.AddSingleton(seen).AddNodeConsumer<StatusConsumer>();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        await app.StartAsync();

        // The host starts before its queue is bound at the broker: what is published until then reaches nobody, so it is published again.
        var bus = app.Services.GetRequiredService<IBus>();
        for (var tries = 0; tries < 120 && !seen.Contains("jvb-0"); tries++)
        {
            await bus.Publish(Status("jvb-0"));
            await Task.Delay(500);
        }

        Assert.Contains("jvb-0", seen);

        const string Envelope = """{"messageId":"6c600000-0000-0000-0000-000000000000","messageType":["urn:message:JitsiMesh.Contracts.Bus:BridgeStatusReported"],"message":""";
        string[] bodies = [.. Unreadable, Envelope + "null}", Envelope + "5}", Envelope + "{}}", Envelope + "{\"bridgeId\":null,\"number\":\"x\"}}", Envelope + "{\"bridgeId\":\"throws\",\"number\":1,\"startedAt\":\"2026-01-01T00:00:00Z\",\"controlAddress\":\"\"}}"];
        await using (var connection = await new ConnectionFactory { Uri = broker.Address, RequestedConnectionTimeout = TimeSpan.FromSeconds(30) }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)))
        {
            const string Exchange = "JitsiMesh.Contracts.Bus:BridgeStatusReported";
            foreach (var body in bodies)
            {
                await channel.BasicPublishAsync(Exchange, "", false, new BasicProperties { ContentType = "application/vnd.masstransit+json" }, Encoding.UTF8.GetBytes(body));
                await channel.BasicPublishAsync(Exchange, "", false, new BasicProperties { ContentType = "application/json" }, Encoding.UTF8.GetBytes(body));
                await channel.BasicPublishAsync(Exchange, "", false, new BasicProperties(), Encoding.UTF8.GetBytes(body));
            }

            foreach (var length in new[] { BusLimits.MessageOctets + 1, BeyondTheClientsDefault }) await channel.BasicPublishAsync(Exchange, "", new byte[length]);
        }

        await bus.Publish(Status("jvb-1"));
        await Eventually.HoldsAsync(() => seen.Contains("jvb-1"), () => $"what came behind them was not consumed: {counted}", 90);
        await Eventually.HoldsAsync(() => counted["jitsimesh.bus.dropped too_long"] == 2 && counted["jitsimesh.bus.dropped failed"] + counted["jitsimesh.bus.dropped unreadable"] >= Unreadable.Length * 3, () => $"{bodies.Length * 3} were sent: {counted}");
        Assert.Contains("throws", seen);

        // Nothing is kept in queues that nobody reads.
        var queues = await broker.QueuesAsync();
        Assert.DoesNotContain(queues, q => q.EndsWith("_error", StringComparison.Ordinal) || q.EndsWith("_skipped", StringComparison.Ordinal));
        await app.StopAsync();
    }

    private static BridgeStatusReported Status(string bridge) => new() { BridgeId = bridge, Number = 1, StartedAt = DateTimeOffset.UnixEpoch, ControlAddress = "http://127.0.0.1:1" };

    private sealed class StatusConsumer(ConcurrentQueue<string> seen) : IConsumer<BridgeStatusReported>
    {
        public Task Consume(ConsumeContext<BridgeStatusReported> context)
        {
            seen.Enqueue(context.Message.BridgeId);
            return context.Message.BridgeId == "throws" ? throw new InvalidOperationException("A consumer's own fault.") : Task.CompletedTask;
        }
    }
}
