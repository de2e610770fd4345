using JitsiMesh.MediaBridge.Egress;

namespace JitsiMesh.MediaBridge.Forwarding;

/// <summary>
/// The streams of a receiver with SSRC rewriting: a bounded number of slots with fixed SSRCs, each lent to one source at a time. What a slot sends goes
/// on with the next number whoever holds it.
/// </summary>
/// <remarks>
/// A newcomer gets, in this order: the free slot that a source of its name had (a screen that is shared again, an endpoint that was set up anew: the
/// client's track just goes on), another free one, a fresh one, the least recently used of all. Every fresh SSRC is one more media section in the
/// client's description for the rest of the call, so free ones come first. Clients take an SSRC under another name: they give its track a new owner.
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
    /// <param name="stream">The slot's.</param>
    /// <param name="evicted">Who lost it; null when it was free.</param>
    /// <returns>True when the assignment is new.</returns>
    public bool Assign(T holder, string name, out EgressStream stream, out T? evicted)
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

        slot.LastUsed = ++_clock;
        stream = slot.Stream;
        return isNew;
    }

    /// <summary>The source is gone; its slot is free.</summary>
    public void Remove(T holder)
    {
        if (FindSlot(holder) is not { } slot) return;
        slot.Holder = null;
        slot.LastUsed = ++_clock;
    }

    private Slot? FindSlot(T holder) => _slots.Find(slot => ReferenceEquals(slot.Holder, holder));

    private Slot Choose(string name)
    {
        Slot? free = null, oldest = null;
        foreach (var slot in _slots)
        {
            if (slot.Holder is null && slot.Name == name) return slot;
            if (slot.Holder is null && (free is null || slot.LastUsed < free.LastUsed)) free = slot;
            if (oldest is null || slot.LastUsed < oldest.LastUsed) oldest = slot;
        }

        if (free is not null) return free;
        if (oldest is not null && _slots.Count >= Capacity) return oldest;
        var fresh = new Slot(createStream(_slots.Count));
        _slots.Add(fresh);
        return fresh;
    }

    internal sealed class Slot(EgressStream stream)
    {
        public EgressStream Stream { get; } = stream;

        /// <summary>Null while it is free.</summary>
        public T? Holder { get; set; }

        /// <summary>Of the source that has it or had it last.</summary>
        public string? Name { get; set; }

        public long LastUsed { get; set; }
    }
}
