using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace JitsiMesh.Srtp;

/// <summary>
/// State per SSRC, bounded, in order of last use. Grows by doubling; known streams cause no allocation.
/// </summary>
internal sealed class StreamTable<TState>(int capacity)
    where TState : struct
{
    private readonly Dictionary<uint, int> _slots = [];
    private Entry[] _entries = new Entry[4];
    private int _used;
    private int _newest = -1;
    private int _oldest = -1;
    private int _free = -1;

    public int Count => _slots.Count;

    public bool IsFull => _slots.Count >= capacity;

    /// <summary>The state of a known stream, which becomes the most recently used; a null reference for an unknown one.</summary>
    public ref TState Find(uint ssrc)
    {
        int slot;
        if (_newest >= 0 && _entries[_newest].Ssrc == ssrc) return ref _entries[_newest].State;
        if (!_slots.TryGetValue(ssrc, out slot)) return ref Unsafe.NullRef<TState>();
        Unlink(slot);
        LinkNewest(slot);
        return ref _entries[slot].State;
    }

    /// <summary>Adds a stream that is not in the table; when full, it replaces the least recently used one.</summary>
    public ref TState Add(uint ssrc)
    {
        if (IsFull) Remove(_entries[_oldest].Ssrc);
        int slot;
        if (_free >= 0)
        {
            slot = _free;
            _free = _entries[slot].Older;
        }
        else
        {
            if (_used == _entries.Length) Array.Resize(ref _entries, Math.Min(capacity, 2 * _used));
            slot = _used++;
        }

        _entries[slot] = new Entry { Ssrc = ssrc };
        _slots.Add(ssrc, slot);
        LinkNewest(slot);
        return ref _entries[slot].State;
    }

    public bool Remove(uint ssrc)
    {
        if (!_slots.Remove(ssrc, out var slot)) return false;
        Unlink(slot);
        _entries[slot].Older = _free;
        _free = slot;
        return true;
    }

    private void LinkNewest(int slot)
    {
        _entries[slot].Newer = -1;
        _entries[slot].Older = _newest;
        if (_newest >= 0) _entries[_newest].Newer = slot;
        else _oldest = slot;
        _newest = slot;
    }

    private void Unlink(int slot)
    {
        var (newer, older) = (_entries[slot].Newer, _entries[slot].Older);
        if (newer >= 0) _entries[newer].Older = older;
        else _newest = older;
        if (older >= 0) _entries[older].Newer = newer;
        else _oldest = newer;
    }

    [SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
    private struct Entry
    {
        public uint Ssrc;
        public int Newer;
        public int Older;
        public TState State;
    }
}
