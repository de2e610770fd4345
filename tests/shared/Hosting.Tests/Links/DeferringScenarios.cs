using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Tests.Kit;

namespace JitsiMesh.Hosting.Tests.Links;

/// <summary>What every stanza link promises a consumer that acknowledges later.</summary>
internal static class DeferringScenarios
{
    /// <summary>What was made safe does not come again; what was not comes to the next consumer, in order, ahead of what came later.</summary>
    public static async Task NotSafeComesAgain(ILinkCluster cluster)
    {
        var (node, sender, queue) = await StartAsync(cluster);
        var (before, after) = (new DeferringConsumer(), new DeferringConsumer());
        var subscription = await node.ConsumeNodeAsync("focus", before);
        await SendAsync(sender, queue, 1, 6);
        await ArrivedAsync(before, 6);
        before.Complete(1, 2, 4);
        before.Complete(2);
        await SendAsync(sender, queue, 7, 8);
        await ArrivedAsync(before, 8);
        await subscription.DisposeAsync();

        // It is the next consumer's now.
        before.Complete(3, 5);
        await using var again = await node.ConsumeNodeAsync("focus", after);
        await SendAsync(sender, queue, 9, 9);
        await ArrivedAsync(after, 6);
        Assert.Equal([3L, 5, 6, 7, 8, 9], after.Taken);
    }

    /// <summary>The same where another node takes the queue over.</summary>
    public static async Task NotSafeIsTakenOver(ILinkCluster cluster)
    {
        var (node, sender, queue) = await StartAsync(cluster);
        var (before, after) = (new DeferringConsumer(), new DeferringConsumer());
        var subscription = await node.ConsumeNodeAsync("focus", before);
        await SendAsync(sender, queue, 1, 5);
        await ArrivedAsync(before, 5);
        before.Complete(1, 3);
        var taking = sender.TakeOverNodeAsync(queue, static _ => ValueTask.CompletedTask, after).AsTask();
        await subscription.DisposeAsync();
        await using var taken = await taking;
        Assert.NotNull(taken);
        await ArrivedAsync(after, 3);
        Assert.Equal([2L, 4, 5], after.Taken);
        after.Complete(2, 4, 5);
        await SendAsync(sender, queue, 6, 6);
        await ArrivedAsync(after, 4);
        Assert.Equal([2L, 4, 5, 6], after.Taken);
    }

    /// <summary>An envelope at which the consumer fails is dropped like that of any other consumer.</summary>
    public static async Task AFailureIsDropped(ILinkCluster cluster)
    {
        var (node, sender, queue) = await StartAsync(cluster);
        var (before, after) = (new DeferringConsumer(), new DeferringConsumer());
        var subscription = await node.ConsumeNodeAsync("focus", before);
        await sender.SendAsync(queue, StanzaLinkContract.Envelope("r", 1));
        await sender.SendAsync(queue, new StanzaEnvelope { Room = "r", Stanza = "<throws/>" });
        await sender.SendAsync(queue, StanzaLinkContract.Envelope("r", 3));
        await ArrivedAsync(before, 3);
        before.Complete(1);
        await subscription.DisposeAsync();
        await using var again = await node.ConsumeNodeAsync("focus", after);
        await ArrivedAsync(after, 1);
        Assert.Equal([3L], after.Taken);
    }

    public static async Task SendAsync(IStanzaLink sender, LinkQueue queue, int first, int last)
    {
        for (var i = first; i <= last; i++) await sender.SendAsync(queue, StanzaLinkContract.Envelope("r", i));
    }

    public static Task ArrivedAsync(DeferringConsumer consumer, int count) => Eventually.HoldsAsync(() => consumer.Taken.Count >= count, () => $"{consumer.Taken.Count} of {count} arrived");

    private static async Task<(IStanzaLink Node, IStanzaLink Sender, LinkQueue Queue)> StartAsync(ILinkCluster cluster)
    {
        var node = await cluster.StartNodeAsync("node");
        return (node, await cluster.StartNodeAsync("sender"), LinkQueue.Node("focus", node.NodeId));
    }
}
