using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links;

internal enum Arrival
{
    /// <summary>The next number, or the first of its sender and room that this receiver sees.</summary>
    InOrder,

    /// <summary>Numbers are missing before it: the sender gave up on them, or they went to an earlier owner.</summary>
    AfterGap,

    Duplicate,
}

/// <summary>Tells repeated deliveries by the numbers of <see cref="RoomNumbers"/>. Not for several threads at once.</summary>
internal sealed class DuplicateFilter(int capacity = LinkLimits.RememberedRooms)
{
    private readonly Dictionary<(string Sender, string Room), (long Sequence, long Heard)> _last = [];
    private long _clock;

    public Arrival Check(StanzaEnvelope envelope)
    {
        var key = (envelope.Sender, envelope.Room);
        var known = _last.TryGetValue(key, out var last);
        if (known && envelope.Sequence <= last.Sequence) return Arrival.Duplicate;
        if (!known && _last.Count >= capacity) ForgetHalf();
        _last[key] = (envelope.Sequence, ++_clock);
        return known && envelope.Sequence > last.Sequence + 1 && !IsDerived(envelope.Sender) ? Arrival.AfterGap : Arrival.InOrder;
    }

    /// <summary>An answer that carries its question's number: what had no answer leaves a gap that means nothing.</summary>
    private static bool IsDerived(string sender) => sender.EndsWith('>');

    /// <summary>The envelope that was checked last was not taken after all: it may come again.</summary>
    public void Undo(StanzaEnvelope envelope) => _last[(envelope.Sender, envelope.Room)] = (envelope.Sequence - 1, _clock);

    private void ForgetHalf()
    {
        foreach (var key in _last.OrderBy(e => e.Value.Heard).Take(_last.Count / 2).Select(e => e.Key).ToList()) _last.Remove(key);
    }
}
