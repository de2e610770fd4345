using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Tests.Kit;

namespace JitsiMesh.Hosting.Tests.Links;

/// <summary>What every stanza link promises. Each implementation's test class runs all of these.</summary>
public static class StanzaLinkContract
{
    private static readonly Dictionary<string, Func<ILinkCluster, Task>> Scenarios = new(StringComparer.Ordinal)
    {
        ["each room's envelopes arrive in order and once"] = InOrderAndOnce,
        ["an envelope sent before anybody consumes is kept"] = KeptUntilConsumed,
        ["every field of an envelope arrives"] = EveryFieldArrives,
        ["a consumer that throws loses that envelope alone"] = ThrowingConsumer,
        ["one node owns all partitions"] = OneNodeOwnsAll,
        ["two nodes share the partitions and none is owned twice"] = TwoNodesShare,
        ["a node that leaves hands its partitions and their queues over"] = LeavingNodeHandsOver,
        ["numbers count up from one for each room"] = NumbersCountUp,
        ["the queue of a node that has stopped goes on at another with all that came meanwhile"] = TakenOver,
        ["a node's queue is not taken over while it is consumed, nor one that nobody has made"] = NotTakenOver,
        ["where the beginning of a takeover fails nothing is consumed"] = FailedTakeover,
        ["what a consumer has not made safe comes again to the next one"] = DeferringScenarios.NotSafeComesAgain,
        ["what a consumer has not made safe is taken over with its queue"] = DeferringScenarios.NotSafeIsTakenOver,
        ["an envelope at which a consumer that acknowledges later fails is dropped"] = DeferringScenarios.AFailureIsDropped,
    };

    public static TheoryData<string> Names => [.. Scenarios.Keys];

    public static Task RunAsync(string name, ILinkCluster cluster) => Scenarios[name](cluster);

    private static async Task InOrderAndOnce(ILinkCluster cluster)
    {
        const int Count = 300;
        var receiver = await cluster.StartNodeAsync("receiver");
        var consumer = new RecordingConsumer();
        await using var subscription = await receiver.ConsumeNodeAsync("focus", consumer);
        var senders = new[] { await cluster.StartNodeAsync("a"), await cluster.StartNodeAsync("b") };
        var queue = LinkQueue.Node("focus", receiver.NodeId);

        await Task.WhenAll(senders.SelectMany(sender => new[] { "r1", "r2" }.Select(room => Task.Run(async () =>
        {
            for (var i = 1; i <= Count; i++) await sender.SendAsync(queue, Envelope(room, i));
        }))));

        await Eventually.HoldsAsync(() => consumer.Received.Count >= Count * 4, () => $"{consumer.Received.Count} of {Count * 4} arrived");
        foreach (var group in consumer.Received.GroupBy(r => (r.Envelope.Sender, r.Envelope.Room)))
        {
            Assert.Equal(Enumerable.Range(1, Count).Select(i => $"<message n='{i}'/>"), group.Select(r => r.Envelope.Stanza));
        }

        Assert.Equal(Count * 4, consumer.Received.Count);
        Assert.Empty(consumer.Violations);
    }

    private static async Task KeptUntilConsumed(ILinkCluster cluster)
    {
        var node = await cluster.StartNodeAsync("n");
        var room = "kept@muc.meet.jitsi";
        await node.SendAsync(LinkQueue.Partition("focus", Partitions.Of(room)), Envelope(room, 1));
        var consumer = new RecordingConsumer();

        await using var subscription = await node.ConsumePartitionsAsync("focus", consumer);

        await Eventually.HoldsAsync(() => !consumer.Received.IsEmpty, () => "nothing arrived");
        Assert.Empty(consumer.Violations);
    }

    private static async Task EveryFieldArrives(ILinkCluster cluster)
    {
        var node = await cluster.StartNodeAsync("n");
        var consumer = new RecordingConsumer();
        await using var subscription = await node.ConsumeNodeAsync("signalling", consumer);
        var sent = new StanzaEnvelope
        {
            Room = "ünï@muc.meet.jitsi",
            Stanza = "<presence xmlns='jabber:client'><nick>\u00e9\ud83d\ude00\"&lt;</nick></presence>",
            Epoch = 7,
            Recipients = ["a@b/c", "d@e/f"],
            Origin = new StanzaOrigin { RealJid = "x@y/z", OccupantJid = "r@m/n", Role = "moderator", Affiliation = "owner", Session = new SessionContext { Identity = "id", Token = "t.o.k" } },
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };

        await node.SendAsync(LinkQueue.Node("signalling", node.NodeId), sent);
        await node.SendAsync(LinkQueue.Node("signalling", node.NodeId), new StanzaEnvelope { Room = "r", Stanza = "<iq/>" });

        await Eventually.HoldsAsync(() => consumer.Received.Count == 2, () => $"{consumer.Received.Count} of 2 arrived");
        var got = consumer.Received.ToArray();
        Assert.Equal(sent with { Sender = node.NodeId, Sequence = 1, Recipients = got[0].Envelope.Recipients }, got[0].Envelope);
        Assert.Equal(sent.Recipients, got[0].Envelope.Recipients);
        Assert.Null(got[1].Envelope.Origin);
        Assert.Null(got[1].Envelope.TraceParent);
        Assert.Empty(got[1].Envelope.Recipients);
    }

    private static async Task ThrowingConsumer(ILinkCluster cluster)
    {
        var node = await cluster.StartNodeAsync("n");
        var consumer = new RecordingConsumer { Meanwhile = e => e.Sequence == 2 ? throw new InvalidOperationException("on purpose") : Task.CompletedTask };
        await using var subscription = await node.ConsumeNodeAsync("focus", consumer);

        for (var i = 1; i <= 3; i++) await node.SendAsync(LinkQueue.Node("focus", node.NodeId), Envelope("r", i));

        await Eventually.HoldsAsync(() => consumer.Received.Count == 2, () => $"{consumer.Received.Count} of 2 arrived");
        Assert.Equal([1L, 3L], consumer.Received.Select(r => r.Envelope.Sequence));
    }

    private static async Task OneNodeOwnsAll(ILinkCluster cluster)
    {
        var node = await cluster.StartNodeAsync("n");
        var consumer = new RecordingConsumer();

        await using (await node.ConsumePartitionsAsync("focus", consumer))
        {
            await Eventually.HoldsAsync(() => consumer.Owned.Count == Partitions.Count, () => $"{consumer.Owned.Count} owned");
            Assert.All(consumer.Owned.Values, epoch => Assert.True(epoch >= 1));
        }

        Assert.Empty(consumer.Owned);
        Assert.Empty(consumer.Violations);
    }

    private static async Task TwoNodesShare(ILinkCluster cluster)
    {
        var (a, b) = (new RecordingConsumer(), new RecordingConsumer());
        await using var first = await (await cluster.StartNodeAsync("a")).ConsumePartitionsAsync("focus", a);
        await Eventually.HoldsAsync(() => a.Owned.Count == Partitions.Count, () => $"{a.Owned.Count} owned by the first");
        var before = new Dictionary<int, long>(a.Owned);

        await using var second = await (await cluster.StartNodeAsync("b")).ConsumePartitionsAsync("focus", b);

        await Eventually.HoldsAsync(() => b.Owned.Count > 10 && a.Owned.Count + b.Owned.Count == Partitions.Count, () => $"{a.Owned.Count} and {b.Owned.Count} owned");
        Assert.Empty(a.Owned.Keys.Intersect(b.Owned.Keys));
        Assert.All(b.Owned, p => Assert.True(p.Value > before[p.Key], $"partition {p.Key}: epoch {p.Value} after {before[p.Key]}"));
        Assert.Empty(a.Violations);
        Assert.Empty(b.Violations);
    }

    private static async Task LeavingNodeHandsOver(ILinkCluster cluster)
    {
        const int Rooms = 12;
        const int Count = 40;
        var (a, b) = (new RecordingConsumer(), new RecordingConsumer());
        var first = await (await cluster.StartNodeAsync("a")).ConsumePartitionsAsync("focus", a);
        await using var second = await (await cluster.StartNodeAsync("b")).ConsumePartitionsAsync("focus", b);
        await Eventually.HoldsAsync(() => !a.Owned.IsEmpty && a.Owned.Count + b.Owned.Count == Partitions.Count, () => $"{a.Owned.Count} and {b.Owned.Count} owned");
        var sender = await cluster.StartNodeAsync("sender");

        var sending = Task.WhenAll(Enumerable.Range(0, Rooms).Select(r => Task.Run(async () =>
        {
            var room = $"room{r}@muc.meet.jitsi";
            for (var i = 1; i <= Count; i++) await sender.SendAsync(LinkQueue.Partition("focus", Partitions.Of(room)), Envelope(room, i));
        })));
        await Eventually.HoldsAsync(() => a.Received.Count + b.Received.Count > Rooms, () => "nothing arrived");
        await first.DisposeAsync();
        await sending;

        await Eventually.HoldsAsync(() => a.Received.Count + b.Received.Count >= Rooms * Count, () => $"{a.Received.Count + b.Received.Count} of {Rooms * Count} arrived");

        // Those of no room move as well, but nothing has waited for them yet.
        await Eventually.HoldsAsync(() => b.Owned.Count == Partitions.Count, () => $"{b.Owned.Count} owned by the one that stays");
        Assert.Empty(a.Owned);
        foreach (var room in a.Received.Concat(b.Received).GroupBy(r => r.Envelope.Room))
        {
            Assert.Equal(Enumerable.Range(1, Count).Select(i => (long)i), room.Select(r => r.Envelope.Sequence));
        }

        Assert.Empty(a.Violations);
        Assert.Empty(b.Violations);
    }

    private static async Task NumbersCountUp(ILinkCluster cluster)
    {
        var node = await cluster.StartNodeAsync("n");
        var consumer = new RecordingConsumer();
        await using var subscription = await node.ConsumeNodeAsync("focus", consumer);
        var queue = LinkQueue.Node("focus", node.NodeId);

        foreach (var room in new[] { "a", "b", "a", "a", "b" }) await node.SendAsync(queue, Envelope(room, 0));

        await Eventually.HoldsAsync(() => consumer.Received.Count == 5, () => $"{consumer.Received.Count} of 5 arrived");
        Assert.Equal([("a", 1L), ("b", 1L), ("a", 2L), ("a", 3L), ("b", 2L)], consumer.Received.Select(r => (r.Envelope.Room, r.Envelope.Sequence)));
        Assert.All(consumer.Received, r => Assert.Equal(node.NodeId, r.Envelope.Sender));
    }

    private static async Task TakenOver(ILinkCluster cluster)
    {
        var stops = await cluster.StartNodeAsync("stops");
        var heir = await cluster.StartNodeAsync("heir");
        var sender = await cluster.StartNodeAsync("sender");
        var queue = LinkQueue.Node("focus", stops.NodeId);
        var (before, after) = (new RecordingConsumer(), new RecordingConsumer());
        var subscription = await stops.ConsumeNodeAsync("focus", before);
        for (var i = 1; i <= 3; i++) await sender.SendAsync(queue, Envelope("r", i));
        await Eventually.HoldsAsync(() => before.Received.Count == 3, () => $"{before.Received.Count} of 3 arrived");

        var begun = 0;
        var taking = heir.TakeOverNodeAsync(queue, _ => Begin(), after).AsTask();
        await subscription.DisposeAsync();
        for (var i = 4; i <= 6; i++) await sender.SendAsync(queue, Envelope("r", i));
        await using var taken = await taking;
        Assert.NotNull(taken);
        Assert.Equal(1, begun);
        await sender.SendAsync(queue, Envelope("r", 7));
        await Eventually.HoldsAsync(() => after.Received.Count == 4, () => $"{after.Received.Count} of 4 arrived");
        Assert.Equal([4L, 5L, 6L, 7L], after.Received.Select(r => r.Envelope.Sequence));
        Assert.Equal(3, before.Received.Count);

        ValueTask Begin()
        {
            Assert.Empty(after.Received);
            begun++;
            return ValueTask.CompletedTask;
        }
    }

    private static async Task NotTakenOver(ILinkCluster cluster)
    {
        var lives = await cluster.StartNodeAsync("lives");
        var other = await cluster.StartNodeAsync("other");
        var (own, foreign) = (new RecordingConsumer(), new RecordingConsumer());
        await using var subscription = await lives.ConsumeNodeAsync("focus", own);
        foreach (var queue in new[] { LinkQueue.Node("focus", lives.NodeId), LinkQueue.Node("focus", "nobody") })
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1.5));
            Assert.Null(await other.TakeOverNodeAsync(queue, static _ => throw new InvalidOperationException("It must not begin."), foreign, limit.Token));
        }

        await other.SendAsync(LinkQueue.Node("focus", lives.NodeId), Envelope("r", 1));
        await Eventually.HoldsAsync(() => own.Received.Count == 1, () => "nothing arrived");
        Assert.Empty(foreign.Received);
    }

    private static async Task FailedTakeover(ILinkCluster cluster)
    {
        var stops = await cluster.StartNodeAsync("stops");
        var heir = await cluster.StartNodeAsync("heir");
        var queue = LinkQueue.Node("focus", stops.NodeId);
        var consumer = new RecordingConsumer();
        await (await stops.ConsumeNodeAsync("focus", consumer)).DisposeAsync();
        await heir.SendAsync(queue, Envelope("r", 1));
        Assert.Null(await heir.TakeOverNodeAsync(queue, static _ => throw new IOException("on purpose"), consumer));
        Assert.Empty(consumer.Received);
        await using var taken = await heir.TakeOverNodeAsync(queue, static _ => ValueTask.CompletedTask, consumer);
        Assert.NotNull(taken);
        await Eventually.HoldsAsync(() => consumer.Received.Count == 1, () => "nothing arrived");
    }

    internal static StanzaEnvelope Envelope(string room, int n) => new() { Room = room, Stanza = $"<message n='{n}'/>" };
}
