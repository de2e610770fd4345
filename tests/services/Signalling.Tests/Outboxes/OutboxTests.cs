using System.Text;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Kit.Stores;
using JitsiMesh.Signalling.Outboxes;

namespace JitsiMesh.Signalling.Tests.Outboxes;

/// <summary>What is put is delivered, whoever dies.</summary>
public sealed class OutboxTests
{
    [Fact]
    public async Task What_is_put_is_delivered_once_and_nothing_is_left()
    {
        await using var world = new OutboxWorld();
        var outbox = world.Create();
        world.Run("a", outbox);
        await world.UntilAsync(() => world.Passed > TimeSpan.FromSeconds(3));
        await outbox.PutAsync(OutboxWorld.Entry("one", "room"), default);
        await world.UntilAsync(() => world.Counted.Contains("done"));

        var (_, entry, _) = Assert.Single(world.Tried);
        Assert.Equal(("one", "room", "payload of one", 0), (entry.Id, entry.OrderKey, entry.Payload, entry.Tries));
        await world.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Single(world.Tried);
        Assert.Empty(await world.LeftAsync());
    }

    [Fact]
    public async Task One_instance_delivers_what_all_put_and_the_next_follows_when_it_stops()
    {
        await using var world = new OutboxWorld();
        var (a, b) = (world.Create(), world.Create());
        var stopA = world.Run("a", a);
        await world.UntilAsync(() => world.Passed > TimeSpan.FromSeconds(2));
        world.Run("b", b);
        for (var i = 0; i < 20; i++) await (i % 2 == 0 ? a : b).PutAsync(OutboxWorld.Entry("e" + i), default);
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 20);
        Assert.All(world.Tried, tried => Assert.Equal("a", tried.Instance));

        await stopA();
        var stopped = world.Passed;
        await b.PutAsync(OutboxWorld.Entry("last"), default);
        await world.UntilAsync(() => world.Tried.Any(tried => tried is { Instance: "b", Entry.Id: "last" }));
        Assert.InRange((world.Passed - stopped).TotalSeconds, 0, 60);
    }

    [Fact]
    public async Task A_failure_is_tried_again_with_pauses_that_grow_also_by_the_next_instance()
    {
        await using var world = new OutboxWorld();
        world.Answer = (entry, _) => Task.FromResult(entry.Tries < 6 ? Delivery.Again("busy") : Delivery.Done);
        var a = world.Create();
        var stop = world.Run("a", a);
        await a.PutAsync(OutboxWorld.Entry("one"), default);
        await world.UntilAsync(() => world.Counted.Count(c => c == "again busy") == 4);
        await stop();
        world.Run("b", world.Create());
        await world.UntilAsync(() => world.Counted.Contains("done"));

        var tried = world.Tried.ToList();
        Assert.Equal("0 1 2 3 4 5 6", string.Join(' ', tried.Select(t => t.Entry.Tries)));
        Assert.Equal("aaaabbb", string.Concat(tried.Select(t => t.Instance)));
        for (var i = 1; i < tried.Count; i++)
        {
            var middle = 3 * Math.Pow(2, i - 1);
            Assert.InRange((tried[i].At - tried[i - 1].At).TotalSeconds, middle * 0.75, (middle * 1.25) + 60);
        }
    }

    [Fact]
    public async Task The_receiver_may_ask_for_a_pause_but_not_for_any()
    {
        await using var world = new OutboxWorld();
        world.Answer = (entry, _) => Task.FromResult(entry.Tries switch
        {
            0 => Delivery.Again("later", world.Time.GetUtcNow().AddSeconds(100)),
            1 => Delivery.Again("later", DateTimeOffset.MaxValue),
            2 => Delivery.Again("later", DateTimeOffset.MinValue),
            _ => Delivery.Done,
        });
        var outbox = world.Create();
        world.Run("a", outbox);
        await outbox.PutAsync(OutboxWorld.Entry("one"), default);
        await world.UntilAsync(() => world.Counted.Contains("done"), TimeSpan.FromSeconds(1));
        var at = world.Tried.Select(t => t.At.TotalSeconds).ToList();
        Assert.InRange(at[1] - at[0], 100, 200);
        Assert.InRange(at[2] - at[1], 300, 400);
        Assert.InRange(at[3] - at[2], 9, 90);
    }

    [Fact]
    public async Task An_order_key_keeps_its_order_while_others_go_on()
    {
        await using var world = new OutboxWorld();
        var open = false;
        world.Answer = (entry, _) => Task.FromResult(entry.Id == "x0" && !open ? Delivery.Again("busy") : Delivery.Done);
        var (a, b) = (world.Create(), world.Create());
        for (var i = 0; i < 10; i++)
        {
            await (i % 2 == 0 ? a : b).PutAsync(OutboxWorld.Entry("x" + i, "x"), default);
            await a.PutAsync(OutboxWorld.Entry("y" + i, "y"), default);
        }

        world.Run("a", a);
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 10);
        Assert.All(world.Tried, tried => Assert.True(tried.Entry.Id == "x0" || tried.Entry.OrderKey == "y"));
        open = true;
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 20);
        foreach (var key in (string[])["x", "y"])
        {
            Assert.Equal(Enumerable.Range(0, 10).Select(i => key + i), world.Tried.Where(t => t.Entry.OrderKey == key).Select(t => t.Entry.Id).Distinct());
        }
    }

    [Fact]
    public async Task What_comes_to_nothing_is_given_up_after_its_time_its_tries_or_at_once_and_counted()
    {
        await using var world = new OutboxWorld { Limits = new OutboxLimits { Age = TimeSpan.FromMinutes(10), Tries = 5, LongestPause = TimeSpan.FromMinutes(8) } };
        world.Answer = (entry, _) => Task.FromResult(entry.Id switch
        {
            "never" => Delivery.Never("gone"),
            "old" => Delivery.Again("down", world.Time.GetUtcNow().AddMinutes(6)),
            _ => Delivery.Again("down"),
        });
        var outbox = world.Create();
        world.Run("a", outbox);
        foreach (var id in (string[])["never", "old", "often"]) await outbox.PutAsync(OutboxWorld.Entry(id), default);
        // Older than all when it comes: it is tried once all the same.
        await outbox.PutAsync(OutboxWorld.Entry("ancient") with { FirstTime = world.Time.GetUtcNow().AddDays(-3) }, default);
        await world.UntilAsync(() => world.Counted.Count(c => c.StartsWith("too_", StringComparison.Ordinal) || c.StartsWith("never", StringComparison.Ordinal)) == 4, TimeSpan.FromSeconds(1));
        Assert.Equal("ancient 1, never 1, often 5", string.Join(", ", world.Tried.Where(t => t.Entry.Id != "old").GroupBy(t => t.Entry.Id).OrderBy(g => g.Key).Select(g => $"{g.Key} {g.Count()}")));
        Assert.InRange(world.Tried.Count(t => t.Entry.Id == "old"), 2, 3);
        Assert.Equal("never gone, too_many_tries down, too_old down, too_old down", string.Join(", ", world.Counted.Where(c => !c.StartsWith("put", StringComparison.Ordinal) && !c.StartsWith("again", StringComparison.Ordinal)).Order()));
        await world.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(await world.LeftAsync());
    }

    [Fact]
    public async Task Of_too_many_the_oldest_are_given_up()
    {
        await using var world = new OutboxWorld { Limits = new OutboxLimits { Entries = 3 } };
        var outbox = world.Create();
        for (var i = 0; i < 8; i++) await outbox.PutAsync(OutboxWorld.Entry("e" + i), default);
        world.Run("a", outbox);
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 3);
        Assert.Equal("e5 e6 e7", string.Join(' ', world.Tried.Select(t => t.Entry.Id).Order()));
        Assert.Equal(5, world.Counted.Count(c => c == "full"));
        Assert.Empty(await world.LeftAsync());
    }

    [Fact]
    public async Task A_delivery_that_hangs_or_throws_is_a_failed_try_and_holds_up_its_key_alone()
    {
        await using var world = new OutboxWorld();
        world.Answer = async (entry, _) =>
        {
            if (entry.Tries > 0 || entry.Id == "fine") return Delivery.Done;
            // It does not even listen to its cancellation.
            if (entry.Id == "hangs") await Task.Delay(Timeout.Infinite, CancellationToken.None);
            throw new InvalidOperationException("a bug");
        };
        var outbox = world.Create();
        world.Run("a", outbox);
        foreach (var id in (string[])["hangs", "throws", "fine"]) await outbox.PutAsync(OutboxWorld.Entry(id), default);
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 3);
        Assert.Contains("again timeout", world.Counted);
        Assert.Contains("again internal_error", world.Counted);
    }

    [Fact]
    public async Task What_nobody_of_us_wrote_costs_no_other_entry()
    {
        await using var world = new OutboxWorld();
        var fields = new Dictionary<string, byte[]>
        {
            ["e:bad"] = [1, 2, 3],
            ["e:null"] = "null"u8.ToArray(),
            ["e:nokey"] = """{"Sequence":1,"OrderKey":null}"""u8.ToArray(),
            ["s:nobody"] = "{}"u8.ToArray(),
            ["x"] = [],
            [""] = [],
            ["e:nopayload"] = """{"Sequence":0,"OrderKey":"room","First":"2026-08-24T08:00:00Z"}"""u8.ToArray(),
            ["e:odd"] = """{"Sequence":2,"OrderKey":"","First":"2026-08-24T08:00:00Z"}"""u8.ToArray(),
            ["s:odd"] = """{"Tries":-5,"Due":"9999-01-01T00:00:00Z"}"""u8.ToArray(),
        };
        await world.Store.WriteAsync("outbox/" + OutboxWorld.Kind, 1, new DocumentChange { Put = fields });
        await world.Store.WriteAsync("outbox/" + OutboxWorld.Kind + "/2", 1, new DocumentChange { Put = new Dictionary<string, byte[]> { ["2/odd"] = Encoding.UTF8.GetBytes("odd") } });
        var outbox = world.Create();
        await outbox.PutAsync(OutboxWorld.Entry("good", "room"), default);
        await world.Store.WriteAsync("outbox/" + OutboxWorld.Kind + "/0", 1, new DocumentChange { Put = new Dictionary<string, byte[]> { ["x"] = [], ["/"] = [], ["1/good/"] = [], ["01/good"] = [], ["9/bad"] = [] } });
        world.Run("a", outbox);
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 2, TimeSpan.FromSeconds(1));
        // One whose sender died before it had written the payload holds its key up for a minute, a wrong clock for the longest pause.
        Assert.Equal("good odd", string.Join(' ', world.Tried.Select(t => t.Entry.Id)));
        Assert.InRange(world.Tried.First().At.TotalSeconds, 60, 200);
        Assert.InRange(world.Tried.Last().At.TotalSeconds, 300, 500);
        Assert.Equal((6, 1, 5), (world.Counted.Count(c => c == "unreadable"), world.Counted.Count(c => c == "no_payload"), world.Counted.Count(c => c == "orphan")));
        Assert.Empty(await world.LeftAsync());
    }

    [Theory]
    [InlineData("", "k", "p")]
    [InlineData("i", "", "p")]
    [InlineData("i", "Kind", "p")]
    [InlineData("i", "a/b", "p")]
    public async Task An_entry_without_a_name_or_with_a_strange_kind_is_refused(string id, string kind, string payload)
    {
        await using var world = new OutboxWorld();
        await Assert.ThrowsAsync<ArgumentException>(() => world.Create().PutAsync(new OutboxEntry { Id = id, Kind = kind, Payload = payload }, default));
        await Assert.ThrowsAsync<ArgumentException>(() => world.Create().PutAsync(OutboxWorld.Entry(new string('i', OutboxLimits.IdLength + 1)), default));
        await Assert.ThrowsAsync<ArgumentException>(() => world.Create().PutAsync(OutboxWorld.Entry("i", new string('i', OutboxLimits.OrderKeyLength + 1)), default));
        await Assert.ThrowsAsync<ArgumentException>(() => world.Create().PutAsync(OutboxWorld.Entry("i") with { Payload = new string('i', OutboxLimits.PayloadLength + 1) }, default));
    }

    [Fact]
    public async Task A_store_that_is_away_delays_and_repeats_at_most_but_loses_nothing()
    {
        await using var world = new OutboxWorld();
        var store = new FailingStore(world.Store);
        var outbox = world.Create(store);
        world.Run("a", outbox);
        await outbox.PutAsync(OutboxWorld.Entry("before"), default);
        await world.UntilAsync(() => world.Counted.Contains("done"));
        var away = true;
        void Fail(string _)
        {
            if (Volatile.Read(ref away)) throw new InvalidOperationException("away");
        }

        store.Reading = store.Writing = Fail;
        await Assert.ThrowsAsync<InvalidOperationException>(() => outbox.PutAsync(OutboxWorld.Entry("during"), default));
        await world.UntilAsync(() => world.Counted.Contains("store_failure"));
        await world.PassAsync(TimeSpan.FromSeconds(60));
        Volatile.Write(ref away, false);
        await outbox.PutAsync(OutboxWorld.Entry("during"), default);
        await world.UntilAsync(() => world.Counted.Count(c => c == "done") == 2);
        Assert.Equal("before during", string.Join(' ', world.Tried.Select(t => t.Entry.Id)));
    }

    [Fact]
    public async Task One_that_was_delivered_is_not_delivered_again_while_the_store_cannot_be_told()
    {
        await using var world = new OutboxWorld();
        var store = new FailingStore(world.Store);
        var outbox = world.Create(store);
        var away = false;
        store.Writing = _ =>
        {
            if (Volatile.Read(ref away)) throw new InvalidOperationException("away");
        };
        world.Answer = (_, _) =>
        {
            Volatile.Write(ref away, true);
            return Task.FromResult(Delivery.Done);
        };
        world.Run("a", outbox);
        await outbox.PutAsync(OutboxWorld.Entry("one"), default);
        await world.UntilAsync(() => world.Counted.Count(c => c == "store_failure") > 20);
        Assert.NotEmpty(await world.LeftAsync());
        Volatile.Write(ref away, false);
        for (var i = 0; i < 100 && (await world.LeftAsync()).Count > 0; i++) await world.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(await world.LeftAsync());
        Assert.Single(world.Tried);
    }
}
