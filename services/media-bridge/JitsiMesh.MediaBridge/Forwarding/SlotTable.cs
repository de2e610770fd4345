using JitsiMesh.MediaBridge.Egress;

namespace JitsiMesh.MediaBridge.Forwarding;

/// <summary>
/// The streams of a receiver with SSRC rewriting: a bounded number of slots with fixed SSRCs, each lent to one source at a time. When all are
/// lent the least recently used goes to the newcomer.
/// </summary>
/// <typeparam name="T">What a slot is lent to.</typeparam>
internal sealed class SlotTable<T>(int capacity, Func<int, EgressStream> createStream)
    where T : class
{
    private readonly List<Slot> _slots = [];
    private long _clock;
    private int _created;

    public int Capacity { get; } = capacity;

    public IReadOnlyList<Slot> Slots => _slots;

    public EgressStream? Find(T holder)
    {
        foreach (var slot in _slots)
        {
            if (ReferenceEquals(slot.Holder, holder)) return slot.Stream;
        }

        return null;
    }

    /// <summary>
    /// Gives the holder a slot, or marks the one it has as used. <paramref name="evicted"/> is who lost it; null when it was free.
    /// </summary>
    /// <returns>True when the assignment is new.</returns>
    public bool Assign(T holder, out EgressStream stream, out T? evicted)
    {
        evicted = null;
        _clock++;
        Slot? oldest = null;
        foreach (var slot in _slots)
        {
            if (ReferenceEquals(slot.Holder, holder))
            {
                slot.LastUsed = _clock;
                stream = slot.Stream;
                return false;
            }

            if (oldest is null || slot.LastUsed < oldest.LastUsed) oldest = slot;
        }

        if (_slots.Count < Capacity || oldest is null)
        {
            var slot = new Slot(createStream(_created++)) { Holder = holder, LastUsed = _clock };
            _slots.Add(slot);
            stream = slot.Stream;
            return true;
        }

        evicted = oldest.Holder;
        oldest.Holder = holder;
        oldest.LastUsed = _clock;
        stream = oldest.Stream;
        return true;
    }

    /// <summary>
    /// The source is gone for good: its slot goes with it. The client has removed the track, so its SSRCs must not come back under another name.
    /// </summary>
    public void Remove(T holder) => _slots.RemoveAll(slot => ReferenceEquals(slot.Holder, holder));

    internal sealed class Slot(EgressStream stream)
    {
        public EgressStream Stream { get; } = stream;

        public T? Holder { get; set; }

        public long LastUsed { get; set; }
    }
}
