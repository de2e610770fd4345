using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Forwarding;

/// <summary>
/// The streams of a receiver with SSRC rewriting: a bounded number of slots with fixed SSRCs, each lent to one source at a time. A slot's sequence numbers continue when its
/// source changes.
/// </summary>
/// <remarks>
/// A new source gets, in this order: the free slot that a source of its name had (a screen that is shared again, a new endpoint of the same client: the client's track
/// continues), a fresh slot, the slot that has been free for longest, the least recently used slot. A slot is used when it is assigned and when a packet is sent on it. Fresh
/// slots come before free ones, as on Jitsi's bridge: when a known SSRC gets another source name, the client gives its track a new owner, but lib-jitsi-meet's participant
/// objects list only tracks that were theirs from the start. The capacity bounds the size of a client's description in a long meeting with many joins and leaves.
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

    /// <summary>Gives the holder a slot, or marks its current slot as used.</summary>
    /// <param name="holder">The holder that needs a slot.</param>
    /// <param name="name">The name of its source.</param>
    /// <param name="now">The time.</param>
    /// <param name="stream">The stream of the slot.</param>
    /// <param name="evicted">The holder that lost the slot; null when the slot was free.</param>
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

    /// <summary>Whether a holder with a new name would take its slot from another holder.</summary>
    /// <param name="lastUsed">When the slot that it would take was last used.</param>
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

    /// <summary>The source ended; its slot is free.</summary>
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

        /// <summary>Null while the slot is free.</summary>
        public T? Holder { get; set; }

        /// <summary>The name of the current or last source.</summary>
        public string? Name { get; set; }

        /// <summary>Includes the last packet's time, which the stream records anyway.</summary>
        public MonotonicTime LastUsed => MonotonicTime.Max(_marked, Stream.Output.LastTime);

        public void Mark(MonotonicTime now, long order)
        {
            _marked = now;
            _order = order;
        }

        public bool IsOlderThan(Slot other) => LastUsed == other.LastUsed ? _order < other._order : LastUsed < other.LastUsed;
    }
}
