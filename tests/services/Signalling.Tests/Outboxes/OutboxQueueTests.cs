using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Outboxes;

namespace JitsiMesh.Signalling.Tests.Outboxes;

/// <summary>Which entry is next.</summary>
public sealed class OutboxQueueTests
{
    private static readonly OutboxLimits Limits = new() { Parallel = 2, Entries = 4 };

    [Fact]
    public void Entries_of_one_key_go_one_after_another_and_keys_beside_each_other()
    {
        var queue = Of(("b", 2, "x"), ("a", 1, "x"), ("c", 3, "y"), ("d", 4, "z"));
        var begun = Begin(queue, 0);
        Assert.Equal("a,c", Names(begun));
        Assert.Empty(Begin(queue, 0));
        Assert.Equal(MonotonicTime.Never, queue.Next);

        queue.Remove("c");
        queue.End(begun[1]);
        Assert.Equal("d", Names(Begin(queue, 0)));
        queue.Remove("a");
        queue.End(begun[0]);
        Assert.Equal("b", Names(Begin(queue, 0)));
    }

    [Fact]
    public void Of_too_many_the_key_that_has_most_gives_up_its_oldest_first()
    {
        var queue = Of(("q1", 1, "quiet"), ("q2", 2, "quiet"), ("f1", 3, "flood"), ("f2", 4, "flood"), ("f3", 5, "flood"), ("f4", 6, "flood"));
        Assert.Equal("f1,f2", Names(queue.Excess()));
        queue.TryAdd(new OutboxItem("f5", 7, "flood", default));
        Assert.Equal("f1,f2,f3", Names(queue.Excess()));
    }

    [Fact]
    public void Those_behind_one_that_has_a_pause_wait_too()
    {
        var queue = Of(("a", 1, "x"), ("b", 2, "x"));
        var first = Assert.Single(Begin(queue, 0));
        first.Due = MonotonicTime.FromSeconds(5);
        queue.End(first);
        Assert.Empty(Begin(queue, 4.9));
        Assert.Equal(MonotonicTime.FromSeconds(5), queue.Next);
        Assert.Equal("a", Names(Begin(queue, 5)));
    }

    [Fact]
    public void One_without_a_key_waits_for_no_other()
    {
        var queue = Of(("a", 1, ""), ("b", 2, ""));
        Assert.Equal("a,b", Names(Begin(queue, 0)));
        // A key that looks like an id of those is another's.
        Assert.Equal("i1,1", Names(Begin(Of(("1", 1, ""), ("i1", 2, "1")), 0).Reverse()));
    }

    [Fact]
    public void An_earlier_one_that_is_found_later_goes_first()
    {
        var queue = Of(("b", 2, "x"));
        Assert.True(queue.TryAdd(Item("a", 1, "x")));
        Assert.False(queue.TryAdd(Item("a", 7, "y")));
        Assert.Equal("a", Names(Begin(queue, 0)));
    }

    [Fact]
    public void One_that_somebody_else_has_removed_is_not_delivered_again()
    {
        var queue = Of(("a", 1, "x"), ("b", 2, "x"), ("c", 3, "y"));
        var begun = Begin(queue, 0);
        queue.Remove("a");
        queue.Remove("c");
        Assert.Empty(Begin(queue, 0));
        queue.End(begun[0]);
        Assert.Equal("b", Names(Begin(queue, 0)));
        queue.End(begun[1]);
        Assert.Equal((1, 1), (queue.Count, queue.Running));
    }

    [Fact]
    public void Too_many_are_those_that_were_put_first_and_are_not_under_way()
    {
        var queue = Of(("f", 6, ""), ("e", 5, ""), ("d", 4, ""), ("c", 3, "x"), ("b", 2, "x"), ("a", 1, "x"));
        Assert.Equal("a,b", Names(queue.Excess()));
        Assert.Contains(Begin(queue, 0), item => item.Id == "a");
        Assert.Equal("b,c", Names(queue.Excess()));
    }

    [Fact]
    public void Pauses_double_up_to_the_longest_and_are_spread()
    {
        var limits = new OutboxLimits { FirstPause = TimeSpan.FromSeconds(4), LongestPause = TimeSpan.FromSeconds(100) };
        for (var tries = 1; tries < 100; tries++)
        {
            var middle = Math.Min(100, 4 * Math.Pow(2, tries - 1));
            var pauses = Enumerable.Range(0, 50).Select(i => OutboxQueue.PauseOf(limits, "entry" + i, tries).TotalSeconds).ToList();
            Assert.All(pauses, pause => Assert.InRange(pause, middle * 0.75, Math.Min(100, middle * 1.25)));
            Assert.True(pauses.Max() - pauses.Min() > middle * 0.1);
        }

        Assert.Equal(TimeSpan.Zero, OutboxQueue.PauseOf(limits with { FirstPause = TimeSpan.Zero }, "a", 9));
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_each_key_has_one_under_way_and_none_is_lost()
    {
        var random = new SeededRandomSource(7);
        var limits = new OutboxLimits { Parallel = 5 };
        var queue = new OutboxQueue(limits);
        var running = new List<OutboxItem>();
        var left = new HashSet<string>();
        var last = new Dictionary<string, long>();
        var now = MonotonicTime.Zero;
        for (var i = 1; i <= 20_000; i++)
        {
            switch (random.NextInt(4))
            {
                case 0:
                    var item = new OutboxItem("e" + i, i, random.NextInt(5) == 0 ? "" : "k" + random.NextInt(6), default);
                    Assert.True(queue.TryAdd(item));
                    left.Add(item.Id);
                    break;
                case 1 when running.Count > 0:
                    var ended = running[random.NextInt(running.Count)];
                    running.Remove(ended);
                    if (random.NextInt(2) == 0)
                    {
                        left.Remove(ended.Id);
                        queue.Remove(ended.Id);
                        if (ended.OrderKey.Length > 0)
                        {
                            Assert.True(last.GetValueOrDefault(ended.OrderKey) < ended.Sequence);
                            last[ended.OrderKey] = ended.Sequence;
                        }
                    }
                    else
                    {
                        ended.Due = now + TimeSpan.FromSeconds(random.NextInt(10));
                    }

                    queue.End(ended);
                    break;
                case 2:
                    now += TimeSpan.FromSeconds(random.NextInt(3));
                    break;
                default:
                    running.AddRange(queue.Begin(now));
                    break;
            }

            Assert.InRange(running.Count, 0, limits.Parallel);
            var keys = running.Where(item => item.OrderKey.Length > 0).Select(item => item.OrderKey).ToList();
            Assert.Equal(keys.Count, keys.Distinct().Count());
            Assert.Equal((left.Count, running.Count), (queue.Count, queue.Running));
        }

        while (left.Count > 0)
        {
            running.AddRange(queue.Begin(now += TimeSpan.FromSeconds(10)));
            Assert.NotEmpty(running);
            foreach (var item in running)
            {
                left.Remove(item.Id);
                queue.Remove(item.Id);
                queue.End(item);
            }

            running.Clear();
        }
    }

    private static OutboxItem Item(string id, long sequence, string key) => new(id, sequence, key, default);

    private static OutboxQueue Of(params (string Id, long Sequence, string Key)[] items)
    {
        var queue = new OutboxQueue(Limits);
        foreach (var (id, sequence, key) in items) Assert.True(queue.TryAdd(Item(id, sequence, key)));
        return queue;
    }

    private static IReadOnlyList<OutboxItem> Begin(OutboxQueue queue, double seconds) => queue.Begin(MonotonicTime.FromSeconds(seconds));

    private static string Names(IEnumerable<OutboxItem> items) => string.Join(',', items.Select(item => item.Id));
}
