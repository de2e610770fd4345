using JitsiMesh.Primitives;

namespace JitsiMesh.Signalling.Outboxes;

/// <summary>Which entry is delivered next: one of each order key at a time, the first of it, when its pause is over. For one caller at a time; time is given.</summary>
internal sealed class OutboxQueue(OutboxLimits limits)
{
    private readonly Dictionary<string, OutboxItem> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Lane, (long Due, long Sequence)> _idle = new();
    private int _running;

    public int Count => _items.Count;

    /// <summary>Deliveries that have begun and not ended.</summary>
    public int Running => _running;

    public IEnumerable<string> Ids => _items.Keys;

    /// <summary>When the next one may begin; never where none waits, or as many run as may.</summary>
    public MonotonicTime Next
    {
        get
        {
            if (_running >= limits.Parallel) return MonotonicTime.Never;
            while (_idle.TryPeek(out var lane, out var at))
            {
                if (!lane.IsRunning && lane.Items.Min is { } head && (head.Due.Nanoseconds, head.Sequence) == at) return head.Due;
                _idle.Dequeue();
            }

            return MonotonicTime.Never;
        }
    }

    /// <summary>The pause after a number of failures: doubled with each, spread by the entry's name so that many do not come at once.</summary>
    public static TimeSpan PauseOf(OutboxLimits limits, string id, int tries)
    {
        // Not by TimeSpan, which does not hold what this may come to.
        var pause = TimeSpan.FromSeconds(Math.Min(limits.LongestPause.TotalSeconds, limits.FirstPause.TotalSeconds * Math.Pow(2, Math.Clamp(tries - 1, 0, 100))));
        var hash = 17u;
        foreach (var c in id) hash = (hash * 31) + c;
        hash = ((hash + (uint)tries) * 2654435761u) >> 16;
        var spread = pause * (0.75 + (hash % 1000 / 2000.0));
        return spread < limits.LongestPause ? spread : limits.LongestPause;
    }

    /// <summary>False for one that is known.</summary>
    public bool TryAdd(OutboxItem item)
    {
        if (!_items.TryAdd(item.Id, item)) return false;
        var key = LaneOf(item);
        if (!_lanes.TryGetValue(key, out var lane)) _lanes[key] = lane = new Lane();
        lane.Items.Add(item);
        Wait(lane);
        return true;
    }

    /// <summary>The entry has come to its end, or somebody else has removed it.</summary>
    public void Remove(string id)
    {
        if (!_items.Remove(id, out var item)) return;
        item.IsGone = true;
        var lane = _lanes[LaneOf(item)];
        if (lane.Running == item) return;
        Leave(lane, item);
    }

    /// <summary>Those that begin now; <see cref="End"/> is to be called for each.</summary>
    public IReadOnlyList<OutboxItem> Begin(MonotonicTime now)
    {
        if (Next > now) return [];
        var begun = new List<OutboxItem>();
        while (Next <= now)
        {
            var lane = _idle.Dequeue();
            lane.Running = lane.Items.Min!;
            _running++;
            begun.Add(lane.Running);
        }

        return begun;
    }

    /// <summary>A delivery has ended; the entry waits on unless <see cref="Remove"/> was called.</summary>
    public void End(OutboxItem item)
    {
        var lane = _lanes[LaneOf(item)];
        if (lane.Running != item) return;
        lane.Running = null;
        _running--;
        if (item.IsGone) Leave(lane, item);
        else Wait(lane);
    }

    /// <summary>Those that are more than the bound, without those that are being delivered: the oldest of whichever order key has most, so that a flood of one costs the others nothing.</summary>
    public IReadOnlyList<OutboxItem> Excess()
    {
        var excess = _items.Count - limits.Entries;
        if (excess <= 0) return [];
        var longest = new PriorityQueue<Queue<OutboxItem>, (int Most, long Sequence)>();
        foreach (var lane in _lanes.Values) Offer(longest, new Queue<OutboxItem>(lane.Items.Where(item => item != lane.Running)));
        var chosen = new List<OutboxItem>(excess);
        while (chosen.Count < excess && longest.TryDequeue(out var waiting, out _))
        {
            chosen.Add(waiting.Dequeue());
            Offer(longest, waiting);
        }

        return chosen;
    }

    private static void Offer(PriorityQueue<Queue<OutboxItem>, (int Most, long Sequence)> longest, Queue<OutboxItem> waiting)
    {
        if (waiting.TryPeek(out var head)) longest.Enqueue(waiting, (-waiting.Count, head.Sequence));
    }

    private static string LaneOf(OutboxItem item) => item.OrderKey.Length > 0 ? "k" + item.OrderKey : "i" + item.Id;

    private void Leave(Lane lane, OutboxItem item)
    {
        lane.Items.Remove(item);
        if (lane.Items.Count == 0) _lanes.Remove(LaneOf(item));
        else Wait(lane);
    }

    private void Wait(Lane lane)
    {
        if (!lane.IsRunning && lane.Items.Min is { } head) _idle.Enqueue(lane, (head.Due.Nanoseconds, head.Sequence));
    }

    private sealed class Lane
    {
        public SortedSet<OutboxItem> Items { get; } = new(Comparer<OutboxItem>.Create((a, b) =>
        {
            var bySequence = a.Sequence.CompareTo(b.Sequence);
            if (bySequence != 0) return bySequence;
            var byIndex = a.Index.CompareTo(b.Index);
            return byIndex != 0 ? byIndex : string.CompareOrdinal(a.Id, b.Id);
        }));

        public OutboxItem? Running { get; set; }

        public bool IsRunning => Running is not null;
    }
}
