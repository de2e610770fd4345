namespace JitsiMesh.Signalling.Sessions;

/// <summary>The last number of each sender that a session has in its record. Not for several threads at once.</summary>
public sealed class LinkPositions
{
    private readonly Dictionary<(string Sender, string Room), (long Sequence, long Heard)> _last = [];
    private long _clock;

    public bool Covers(LinkOrigin origin) => _last.TryGetValue((origin.Sender, origin.Room), out var last) && origin.Sequence <= last.Sequence;

    public void Advance(LinkOrigin origin) => Advance(origin.Sender, origin.Room, origin.Sequence);

    public IReadOnlyList<SavedPosition> Save() => [.. _last.Select(one => new SavedPosition(one.Key.Sender, one.Key.Room, one.Value.Sequence))];

    public void Restore(IEnumerable<SavedPosition> saved)
    {
        foreach (var one in saved) Advance(one.Sender, one.Room, one.Sequence);
    }

    // A sender that has not been heard of for long has nothing in the queue any more.
    private void Advance(string sender, string room, long sequence)
    {
        var key = (sender, room);
        if (_last.TryGetValue(key, out var last) && sequence <= last.Sequence) return;
        if (_last.Count >= SignallingLimits.LinkPositions && !_last.ContainsKey(key)) _last.Remove(_last.MinBy(one => one.Value.Heard).Key);
        _last[key] = (sequence, ++_clock);
    }
}

/// <param name="Sender">Who numbered the envelope.</param>
/// <param name="Room">Whose numbers these are.</param>
/// <param name="Sequence">The last one that the record covers.</param>
public sealed record SavedPosition(string Sender, string Room, long Sequence);
