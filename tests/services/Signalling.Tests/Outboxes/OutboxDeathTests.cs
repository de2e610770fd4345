using JitsiMesh.Kit.Stores;
using JitsiMesh.Signalling.Outboxes;

namespace JitsiMesh.Signalling.Tests.Outboxes;

/// <summary>A process that dies at any of its calls to the store.</summary>
public sealed class OutboxDeathTests
{
    [Fact]
    public async Task Whenever_the_sender_dies_what_it_has_put_is_delivered_in_order_by_the_next()
    {
        // Each call in the full run; every third of the later ones, which are much alike, otherwise.
        var isFull = Environment.GetEnvironmentVariable("MESH_TEST_MODE") == "full";
        for (var call = 1; ; call += isFull || call < 10 ? 1 : 3)
        {
            foreach (var takesEffect in (bool[])[false, true])
            {
                await using var world = new OutboxWorld();
                using var store = new DyingStore(world.Store, call, takesEffect);
                world.Answer = (entry, _) => Task.FromResult(entry is { Id: "e1", Tries: 0 } ? Delivery.Again("busy") : Delivery.Done);
                var dying = world.Create(store);
                world.Run("dying", dying, store.Died.Token);
                var kept = new List<string>();
                for (var i = 0; i < 3; i++)
                {
                    try
                    {
                        await dying.PutAsync(OutboxWorld.Entry("e" + i, "room"), default);
                        kept.Add("e" + i);
                    }
                    catch (DiedException)
                    {
                        // Its caller is dead too.
                        break;
                    }
                }

                var lived = false;
                await world.UntilAsync(() => store.Died.IsCancellationRequested || (lived = world.Counted.Count(c => c == "done") == 3), TimeSpan.FromSeconds(1));
                if (lived)
                {
                    await world.PassAsync(TimeSpan.FromSeconds(1));
                    if (!store.Died.IsCancellationRequested)
                    {
                        // It has done all there was to do, and died nowhere: every call before was tried.
                        Assert.True(call > 20, $"{call}");
                        Assert.Empty(await world.LeftAsync());
                        return;
                    }
                }

                var before = world.Tried.Count;
                world.Run("next", world.Create());
                await world.UntilAsync(() => kept.All(id => world.Tried.Any(t => t.Entry.Id == id && (id != "e1" || t.Entry.Tries > 0))), TimeSpan.FromSeconds(1));
                Assert.Equal(world.Tried.Skip(before).Select(t => t.Entry.Id).Order(), world.Tried.Skip(before).Select(t => t.Entry.Id));
                await world.UntilNothingIsLeftAsync();
            }
        }
    }

    [Fact]
    public async Task Whenever_the_sender_of_many_dies_they_are_delivered_in_order_when_its_successor_puts_them_again()
    {
        // Two in each batch, by their length: the sender dies in the first, between them, or in the last.
        var many = Enumerable.Range(0, 6).Select(i => OutboxWorld.Entry("e" + i, i % 2 == 0 ? "a" : "b") with { Payload = new string((char)('0' + i), (OutboxLimits.BatchLength / 2) - 1) }).ToList();
        for (var call = 1; ; call++)
        {
            foreach (var takesEffect in (bool[])[false, true])
            {
                await using var world = new OutboxWorld();
                using var store = new DyingStore(world.Store, call, takesEffect);
                var isPut = true;
                try
                {
                    await world.Create(store).PutAsync(OutboxWorld.Kind, many, default);
                }
                catch (DiedException)
                {
                    isPut = false;
                }

                // Whoever delivers has seen what is there when they come again.
                var next = world.Create();
                world.Run("next", next);
                await world.PassAsync(TimeSpan.FromSeconds(2));
                if (!isPut) await next.PutAsync(OutboxWorld.Kind, many, default);
                await world.UntilAsync(() => world.Tried.Select(t => t.Entry.Id).Distinct().Count() == many.Count);
                foreach (var key in (string[])["a", "b"]) Assert.Equal(many.Where(one => one.OrderKey == key).Select(one => one.Id), world.Tried.Where(t => t.Entry.OrderKey == key).Select(t => t.Entry.Id).Distinct());
                Assert.All(world.Tried, t => Assert.Equal(many.Single(one => one.Id == t.Entry.Id).Payload, t.Entry.Payload));
                // No key is held up by the minute for which a payload is missed.
                Assert.InRange(world.Tried.Last().At.TotalSeconds, 0, 30);
                await world.UntilNothingIsLeftAsync();
                if (!isPut) continue;
                Assert.Equal(10, call);
                Assert.Equal(9, store.Calls);
                return;
            }
        }
    }

    [Fact]
    public async Task An_instance_that_cannot_reach_the_store_stops_before_another_begins()
    {
        await using var world = new OutboxWorld();
        world.Answer = (entry, _) => Task.FromResult(Delivery.Again("busy"));
        world.Limits = new OutboxLimits { FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(1) };
        // Its first calls take the lease; then all fail, but the instance lives.
        using var store = new DyingStore(world.Store, 100, takesEffect: false);
        world.Run("cut", world.Create(store));
        var other = world.Create();
        await other.PutAsync(OutboxWorld.Entry("one"), default);
        await world.UntilAsync(() => !world.Tried.IsEmpty);
        world.Run("other", other);
        await world.UntilAsync(() => world.Tried.Count(t => t.Instance == "other") >= 3);
        var last = world.Tried.Where(t => t.Instance == "cut").Max(t => t.At);
        Assert.All(world.Tried.Where(t => t.Instance == "other"), t => Assert.True(t.At > last));
        Assert.Contains("store_failure", world.Counted);
    }
}
