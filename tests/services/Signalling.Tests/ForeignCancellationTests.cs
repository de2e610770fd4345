using JitsiMesh.Signalling.Tests.Scripts;

namespace JitsiMesh.Signalling.Tests;

/// <summary>
/// A client of store or link that cancels by itself (a connection that it gives up, a time of its own) ends an ownership and no more: the partition is acquired anew, nothing is lost or
/// doubled, and it is told once.
/// </summary>
public sealed class ForeignCancellationTests
{
    [Theory]
    [InlineData("write", 1)]
    [InlineData("write", 2)]
    [InlineData("written", 1)]
    [InlineData("send", 1)]
    [InlineData("send", 2)]
    [InlineData("send", 4)]
    public async Task A_cancellation_of_somebody_elses_ends_one_ownership_and_the_next_goes_on(string where, int times)
    {
        await using var node = await OwningNode.StartAsync();
        var (ann, bob) = (await node.JoinsAsync("ann"), await node.JoinsAsync("bob"));
        await node.SaysToAllAsync("ann", "before");
        await node.Focus.GetsAsync("id=\"before\"");
        await bob.GetsAsync("id=\"before\"");
        var first = node.Mailbox!;
        var left = times;
        void Cancels()
        {
            if (Interlocked.Decrement(ref left) >= 0) throw new TaskCanceledException("The client of a store or broker gave up.");
        }

        if (where == "write") node.Store.Writing = _ => Cancels();
        if (where == "written") node.Store.Written = _ => Cancels();
        if (where == "send")
        {
            node.Sending = (queue, _) =>
            {
                if (queue.Name.StartsWith("focus.", StringComparison.Ordinal)) Cancels();
            };
        }

        await node.SaysToAllAsync("ann", "meanwhile");
        var second = await node.SucceededAsync(first);
        await node.SaysToAllAsync("bob", "after");

        foreach (var inbox in (OwningNode.Inbox[])[ann, bob, node.Focus])
        {
            await inbox.GetsAsync("id=\"after\"");
            foreach (var id in (string[])["before", "meanwhile", "after"]) Assert.Equal(1, inbox.Count($"id=\"{id}\""));
        }

        Assert.NotSame(first, second);
        // With four the ownership that sends again what the first has left is cancelled too, before it begins.
        Assert.Equal(1, node.Cancelled);
        Assert.Equal(node.Cancelled, node.Log.Lines.Count(line => line.Contains("cancelled by itself", StringComparison.Ordinal)));
        Assert.DoesNotContain(node.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_comes_over_the_link_meanwhile_waits_for_the_next_ownership_which_is_tried_until_it_succeeds()
    {
        await using var node = await OwningNode.StartAsync();
        var ann = await node.JoinsAsync("ann");
        var first = node.Mailbox!;
        var (writes, listings) = (2, 2);
        node.Store.Writing = _ =>
        {
            if (Interlocked.Decrement(ref writes) >= 0) throw new OperationCanceledException("The client of a store gave up.");
        };
        node.Store.Listing = _ =>
        {
            if (Interlocked.Decrement(ref listings) >= 0) throw new TaskCanceledException("The client of a store gave up.");
        };
        for (var i = 0; i < 3; i++) await node.FocusSaysAsync($"<message xmlns='jabber:client' type='groupchat' id='f{i}' to='{OwningNode.Call}'><body>f{i}</body></message>");
        await node.SucceededAsync(first);
        await ann.GetsAsync("id=\"f2\"");
        for (var i = 0; i < 3; i++) Assert.Equal(1, ann.Count($"id=\"f{i}\""));
        Assert.Equal(1, node.Cancelled);
        Assert.True(listings < 0);
    }

    [Fact]
    public async Task A_link_that_cancels_for_good_keeps_nobody_waiting_for_the_end_of_an_ownership()
    {
        await using var node = await OwningNode.StartAsync();
        await node.JoinsAsync("ann");
        var first = node.Mailbox!;
        node.Store.Writing = _ => throw new TaskCanceledException("The client of a store gave up.");
        node.Sending = (_, _) => throw new TaskCanceledException("The client of a broker gave up.");
        await node.SaysToAllAsync("ann", "lost");
        await first.Over.WaitAsync(TimeSpan.FromSeconds(60));
        await first.GivenUp.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Single(node.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
        node.Store.Writing = null;
        node.Sending = null;
        await node.SucceededAsync(first);
    }
}
