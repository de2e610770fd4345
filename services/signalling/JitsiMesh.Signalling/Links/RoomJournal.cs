using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// What a room's owners have taken in and put out over the link, stored with the room: a new owner passes over what the one before had
/// handled, and sends its last envelopes again under their numbers, so that whoever has them drops them.
/// </summary>
public sealed class RoomJournal(string stream)
{
    private const string LinkField = "link";
    private const string OutboxField = "outbox";

    private readonly List<LastTaken> _taken = [];
    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);
    private bool _changed;
    private bool _outboxStored;

    /// <summary>False for an envelope that was handled before, perhaps by another owner.</summary>
    public bool TakeIn(LinkNumber number)
    {
        var index = _taken.FindIndex(one => one.Sender == number.Sender);
        if (index >= 0)
        {
            if (number.Sequence <= _taken[index].Sequence) return false;
            _taken.RemoveAt(index);
        }

        if (_taken.Count == SignallingLimits.LinkSenders) _taken.RemoveAt(0);
        _taken.Add(new LastTaken(number.Sender, number.Sequence));
        _changed = true;
        return true;
    }

    public StanzaEnvelope Number(LinkQueue queue, StanzaEnvelope envelope)
    {
        var next = _sent.GetValueOrDefault(queue.Name) + 1;
        _sent[queue.Name] = next;
        _changed = true;
        return envelope with { Sender = stream, Sequence = next };
    }

    /// <summary>Adds what the store must know before <paramref name="outbox"/> is sent.</summary>
    public void Save(IReadOnlyList<Outgoing> outbox, IDictionary<string, byte[]?> fields)
    {
        if (_changed) fields[LinkField] = JsonSerializer.SerializeToUtf8Bytes(new Stored(stream, [.. _taken], _sent));
        _changed = false;
        if (outbox.Count > 0) fields[OutboxField] = JsonSerializer.SerializeToUtf8Bytes(outbox);
        else if (_outboxStored && fields.Count > 0) fields[OutboxField] = null;
        else return;
        _outboxStored = outbox.Count > 0;
    }

    public static RoomJournal? Load(StoredDocument document, out IReadOnlyList<Outgoing> outbox)
    {
        outbox = [];
        if (!document.Fields.TryGetValue(LinkField, out var bytes) || JsonSerializer.Deserialize<Stored>(bytes) is not { } stored) return null;
        var journal = new RoomJournal(stored.Stream);
        journal._taken.AddRange(stored.Taken);
        foreach (var (queue, last) in stored.Sent) journal._sent[queue] = last;
        if (document.Fields.TryGetValue(OutboxField, out var waiting))
        {
            outbox = JsonSerializer.Deserialize<List<Outgoing>>(waiting) ?? [];
            journal._outboxStored = true;
        }

        return journal;
    }

    /// <summary>An envelope and where it goes.</summary>
    public sealed record Outgoing(string Queue, StanzaEnvelope Envelope);

    private sealed record LastTaken(string Sender, long Sequence);

    private sealed record Stored(string Stream, IReadOnlyList<LastTaken> Taken, IReadOnlyDictionary<string, long> Sent);
}
