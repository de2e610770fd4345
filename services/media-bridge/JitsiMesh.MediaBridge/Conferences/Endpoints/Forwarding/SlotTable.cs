using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// The streams of a receiver with SSRC rewriting: a bounded number of slots with fixed SSRCs, each lent to one source at a time. What a slot sends goes
/// on with the next number, whichever source holds it.
/// </summary>
/// <remarks>
/// A newcomer gets, in this order: the free slot that a source of its name had (a screen that is shared again, an endpoint that was set up anew: the
/// client's track continues), a fresh one, the one that has been free for longest, the least recently used of all. Used is a slot when it is
/// assigned and when a packet leaves on it. Fresh ones come before free ones, as at Jitsi's bridge: a client that hears of a known SSRC under another name
/// gives its track a new owner, but lib-jitsi-meet's participant objects list only tracks that were theirs from the start. The capacity bounds what a
/// client's description grows to in a meeting where people come and go all day.
/// </remarks>
/// <typeparam name="T">What a slot is lent to.</typeparam>
internal sealed class SlotTable<T>(int capacity, Func<int, EgressStream> createStream)
    where T : class
{
    private readonly List<Slot> _slots = [];
    private long _clock;

    public int Capacity { get; } = capacity;

    public IReadOnlyList<Slot> Slots => _slots;

    public EgressStream? Find(T holder) => FindSlot(holder)?.Stream;

    /// <summary>Gives the holder a slot, or marks the one it has as used.</summary>
    /// <param name="holder">Who needs it.</param>
    /// <param name="name">The name of its source.</param>
    /// <param name="now">The time.</param>
    /// <param name="stream">The slot's.</param>
    /// <param name="evicted">Who lost it; null when it was free.</param>
    /// <returns>True when the assignment is new.</returns>
    public bool Assign(T holder, string name, MonotonicTime now, out EgressStream stream, out T? evicted)
    {
        evicted = null;
        var slot = FindSlot(holder);
        var isNew = slot is null;
        if (slot is null)
        {
            slot = Choose(name);
            evicted = slot.Holder;
            slot.Holder = holder;
            slot.Name = name;
        }

        slot.Mark(now, ++_clock);
        stream = slot.Stream;
        return isNew;
    }

    /// <summary>Whether a newcomer of a new name would take its slot from a holder.</summary>
    /// <param name="lastUsed">When the slot that it would take was used last.</param>
    public bool WouldEvict(out MonotonicTime lastUsed)
    {
        lastUsed = default;
        if (_slots.Count < Capacity) return false;
        Slot? oldest = null;
        foreach (var slot in _slots)
        {
            if (slot.Holder is null) return false;
            if (oldest is null || slot.IsOlderThan(oldest)) oldest = slot;
        }

        if (oldest is not null) lastUsed = oldest.LastUsed;
        return oldest is not null;
    }

    /// <summary>The source is gone; its slot is free.</summary>
    public void Remove(T holder, MonotonicTime now)
    {
        if (FindSlot(holder) is not { } slot) return;
        slot.Holder = null;
        slot.Mark(now, ++_clock);
    }

    private Slot? FindSlot(T holder) => _slots.Find(slot => ReferenceEquals(slot.Holder, holder));

    private Slot Choose(string name)
    {
        Slot? free = null, oldest = null;
        foreach (var slot in _slots)
        {
            if (slot.Holder is null && slot.Name == name) return slot;
            if (slot.Holder is null && (free is null || slot.IsOlderThan(free))) free = slot;
            if (oldest is null || slot.IsOlderThan(oldest)) oldest = slot;
        }

        if (_slots.Count >= Capacity && (free ?? oldest) is { } used) return used;
        var fresh = new Slot(createStream(_slots.Count));
        _slots.Add(fresh);
        return fresh;
    }

    internal sealed class Slot(EgressStream stream)
    {
        private MonotonicTime _marked;
        private long _order;

        public EgressStream Stream { get; } = stream;

        /// <summary>Null while it is free.</summary>
        public T? Holder { get; set; }

        /// <summary>Of the source that has it or had it last.</summary>
        public string? Name { get; set; }

        /// <summary>Of the last packet too, which the stream notes anyway.</summary>
        public MonotonicTime LastUsed => MonotonicTime.Max(_marked, Stream.Output.LastTime);

        public void Mark(MonotonicTime now, long order)
        {
            _marked = now;
            _order = order;
        }

        public bool IsOlderThan(Slot other) => LastUsed == other.LastUsed ? _order < other._order : LastUsed < other.LastUsed;
    }
}
