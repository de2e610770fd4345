using JitsiMesh.Kit.Stores;
using JitsiMesh.Signalling.Outboxes;

namespace JitsiMesh.Signalling.Tests.Outboxes;

/// <summary>What entries cost the store, and what is left of them there.</summary>
public sealed class OutboxStoreTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(OutboxLimits.BatchEntries, 3)]
    [InlineData(OutboxLimits.BatchEntries + 1, 6)]
    [InlineData(10 * OutboxLimits.BatchEntries, 30)]
    public async Task Many_are_put_with_as_many_calls_as_one_for_each_batch(int entries, int calls)
    {
        await using var world = new OutboxWorld();
        using var store = new DyingStore(world.Store, int.MaxValue, takesEffect: true);
        await world.Create(store).PutAsync(OutboxWorld.Kind, [.. Enumerable.Range(0, entries).Select(i => OutboxWorld.Entry("e" + i))], default);
        Assert.Equal(calls, store.Calls);
        Assert.Equal(2 * entries, (await world.LeftAsync()).Count);
    }

    [Fact]
    public async Task What_is_put_at_once_is_delivered_in_its_order_whatever_the_names()
    {
        await using var world = new OutboxWorld();
        var outbox = world.Create();
        world.Run("a", outbox);
        var many = Enumerable.Range(0, 300).Select(i => OutboxWorld.Entry($"{i * 7919 % 1_000:000}", "room " + (i % 3))).ToList();
        await outbox.PutAsync(OutboxWorld.Kind, many, default);
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 300);
        foreach (var room in many.GroupBy(one => one.OrderKey)) Assert.Equal(room.Select(one => one.Id), world.Tried.Where(t => t.Entry.OrderKey == room.Key).Select(t => t.Entry.Id));
        Assert.All(world.Tried, t => Assert.Equal("payload of " + t.Entry.Id, t.Entry.Payload));
        await world.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(await world.LeftAsync());
    }

    [Fact]
    public async Task One_of_another_kind_or_with_a_fault_keeps_all_out()
    {
        await using var world = new OutboxWorld();
        var outbox = world.Create();
        await Assert.ThrowsAsync<ArgumentException>(() => outbox.PutAsync(OutboxWorld.Kind, [OutboxWorld.Entry("one"), OutboxWorld.Entry("two") with { Kind = "other" }], default));
        await Assert.ThrowsAsync<ArgumentException>(() => outbox.PutAsync(OutboxWorld.Kind, [OutboxWorld.Entry("one"), OutboxWorld.Entry("")], default));
        Assert.Empty(await world.LeftAsync());
        await outbox.PutAsync(OutboxWorld.Kind, [], default);
        Assert.Empty(await world.LeftAsync());
    }

    [Fact]
    public async Task However_many_come_and_go_no_document_is_deleted_and_their_number_is_bounded()
    {
        await using var world = new OutboxWorld();
        var deleted = 0;
        var outbox = world.Create(new FailingStore(world.Store) { Deleting = _ => Interlocked.Increment(ref deleted) });
        world.Run("a", outbox);
        for (var i = 0; i < 2 * OutboxLimits.Blocks; i++) await outbox.PutAsync(OutboxWorld.Entry("e" + i), default);
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 2 * OutboxLimits.Blocks);
        await world.UntilNothingIsLeftAsync();
        Assert.Equal(0, deleted);
        Assert.Equal(OutboxLimits.Blocks, (await world.Store.KeysAsync("outbox/" + OutboxWorld.Kind + "/")).Count);
    }

    [Fact]
    public async Task A_payload_that_is_put_again_while_its_entry_is_delivered_does_not_stay()
    {
        await using var world = new OutboxWorld();
        var outbox = world.Create();
        world.Answer = async (entry, cancellation) =>
        {
            await outbox.PutAsync(OutboxWorld.Entry(entry.Id), cancellation);
            return Delivery.Done;
        };
        world.Run("a", outbox);
        await outbox.PutAsync(OutboxWorld.Entry("one"), default);
        await world.UntilAsync(() => world.Counted.Contains("done"));
        await world.UntilNothingIsLeftAsync();
        Assert.Single(world.Tried);
        Assert.Equal(1, world.Counted.Count(c => c == "orphan"));
    }

    [Fact]
    public async Task A_payload_that_comes_after_its_entry_was_given_up_does_not_stay()
    {
        await using var world = new OutboxWorld();
        var written = new TaskCompletionSource();
        var store = new FailingStore(world.Store) { WritingAsync = key => key.StartsWith("outbox/test/", StringComparison.Ordinal) ? written.Task : Task.CompletedTask };
        var putting = world.Create(store).PutAsync(OutboxWorld.Entry("late"), default);
        world.Run("a", world.Create());
        await world.UntilAsync(() => world.Counted.Contains("no_payload"));
        written.SetResult();
        await putting;
        // It was there, and was found: the runner may have removed it by now.
        await world.UntilNothingIsLeftAsync();
        Assert.Empty(world.Tried);
        Assert.Equal(1, world.Counted.Count(c => c == "orphan"));
    }

    [Fact]
    public async Task One_that_is_put_again_after_its_payload_was_not_written_holds_nobody_up()
    {
        await using var world = new OutboxWorld();
        var fails = true;
        var store = new FailingStore(world.Store)
        {
            Writing = key =>
            {
                if (fails && key.StartsWith("outbox/test/", StringComparison.Ordinal)) throw new InvalidOperationException("away");
            },
        };
        var sender = world.Create(store);
        await Assert.ThrowsAsync<InvalidOperationException>(() => sender.PutAsync(OutboxWorld.Entry("one", "room"), default));
        fails = false;
        var delivers = world.Create();
        world.Run("a", delivers);
        await world.UntilAsync(() => delivers.Waiting(OutboxWorld.Kind) == 1);
        await world.PassAsync(TimeSpan.FromSeconds(5));
        Assert.Empty(world.Tried);
        await sender.PutAsync(OutboxWorld.Entry("one", "room"), default);
        await world.UntilAsync(() => world.Counted.Contains("done"));
        Assert.InRange(world.Tried.Single().At.TotalSeconds, 5, 50);
        Assert.DoesNotContain("no_payload", world.Counted);
    }

    [Fact]
    public async Task One_that_is_withdrawn_leaves_nothing()
    {
        await using var world = new OutboxWorld();
        var outbox = world.Create();
        await outbox.PutAsync(OutboxWorld.Kind, [OutboxWorld.Entry("one"), OutboxWorld.Entry("two")], default);
        await outbox.WithdrawAsync(OutboxWorld.Kind, "one", default);
        await outbox.WithdrawAsync(OutboxWorld.Kind, "unknown", default);
        Assert.Equal(["1/two", "e:two"], (await world.LeftAsync()).Order(StringComparer.Ordinal));
    }
}
