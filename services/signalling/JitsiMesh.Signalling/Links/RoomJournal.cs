using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Links;

/// <summary>
/// What a room's owners have taken in and put out over the link, stored with the room: a new owner passes over what the one before had
/// handled, and sends its last envelopes again under their numbers, so that a receiver that has them drops them. The events that the outbox may not have taken over stand with them.
/// </summary>
public sealed class RoomJournal(string stream)
{
    private const string LinkField = "link";
    private const string OutboxField = "outbox";
    private const string EventsField = "events";
    private const string SessionPrefix = "in:";

    private readonly List<LastTaken> _taken = [];
    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Number, long Heard)> _sessions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _heard = new(StringComparer.Ordinal);
    private long _clock;
    private bool _changed;
    private bool _outboxStored;
    private bool _eventsStored;

    /// <summary>What was read of events: the owner before may not have given them away.</summary>
    public IReadOnlyList<RoomEvent> Events { get; private set; } = [];

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

    /// <summary>False for a stanza that its client has sent again and that was handled before.</summary>
    /// <param name="session">The full JID of the session.</param>
    /// <param name="number">The number of the stanza in the session's stream.</param>
    public bool TakeInOf(string session, long number)
    {
        if (_sessions.TryGetValue(session, out var last) && number <= last.Number) return false;
        _sessions[session] = (number, ++_clock);
        _heard.Add(session);
        return true;
    }

    public StanzaEnvelope Number(LinkQueue queue, StanzaEnvelope envelope)
    {
        // The link counts what a sender has for one room of a queue; only other rooms have several rooms there.
        var way = envelope.FromRoom is null ? queue.Name : $"{queue.Name} {envelope.Room}";
        var next = _sent.GetValueOrDefault(way) + 1;
        _sent[way] = next;
        _changed = true;
        return envelope with { Sender = stream, Sequence = next };
    }

    /// <summary>Adds what the store must know before <paramref name="outbox"/> is sent and <paramref name="events"/> are given away.</summary>
    public void Save(IReadOnlyList<Outgoing> outbox, IReadOnlyList<RoomEvent> events, IDictionary<string, byte[]?> fields)
    {
        // Events are found by it, also in a document of which nothing else is left.
        if (_changed || events.Count > 0) fields[LinkField] = JsonSerializer.SerializeToUtf8Bytes(new Stored(stream, [.. _taken], _sent));
        _changed = false;
        SaveSessions(fields);
        _outboxStored = Keep(OutboxField, outbox, _outboxStored, fields);
        _eventsStored = Keep(EventsField, events, _eventsStored, fields);
    }

    // One field for each session, so that a word of one writes no others.
    private void SaveSessions(IDictionary<string, byte[]?> fields)
    {
        foreach (var session in _heard)
        {
            if (_sessions.TryGetValue(session, out var last)) fields[SessionPrefix + session] = Encoding.ASCII.GetBytes(last.Number.ToString(CultureInfo.InvariantCulture));
        }

        _heard.Clear();
        if (_sessions.Count <= SignallingLimits.SessionNumbers) return;
        foreach (var session in _sessions.OrderBy(one => one.Value.Heard).Take(SignallingLimits.SessionNumbers / 4).Select(one => one.Key).ToList())
        {
            _sessions.Remove(session);
            fields[SessionPrefix + session] = null;
        }
    }

    private void LoadSessions(StoredDocument document)
    {
        foreach (var (field, value) in document.Fields)
        {
            if (!field.StartsWith(SessionPrefix, StringComparison.Ordinal)) continue;
            if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) _sessions[field[SessionPrefix.Length..]] = (number, ++_clock);
        }
    }

    // What was stored and is done goes away with the next write, which there is no hurry for.
    private static bool Keep<T>(string field, IReadOnlyList<T> list, bool stored, IDictionary<string, byte[]?> fields)
    {
        if (list.Count > 0) fields[field] = JsonSerializer.SerializeToUtf8Bytes(list);
        else if (stored && fields.Count > 0) fields[field] = null;
        else return stored;
        return list.Count > 0;
    }

    public static RoomJournal? Load(StoredDocument document, out IReadOnlyList<Outgoing> outbox)
    {
        outbox = [];
        if (!document.Fields.TryGetValue(LinkField, out var bytes) || JsonSerializer.Deserialize<Stored>(bytes) is not { } stored) return null;
        var journal = new RoomJournal(stored.Stream);
        journal._taken.AddRange(stored.Taken);
        foreach (var (queue, last) in stored.Sent) journal._sent[queue] = last;
        journal.LoadSessions(document);
        if (document.Fields.TryGetValue(OutboxField, out var waiting))
        {
            outbox = JsonSerializer.Deserialize<List<Outgoing>>(waiting) ?? [];
            journal._outboxStored = true;
        }

        if (document.Fields.TryGetValue(EventsField, out var events))
        {
            journal.Events = [.. (JsonSerializer.Deserialize<List<RoomEvent>>(events) ?? []).Where(one => one is { Room: not null, Id: not null, Type: not null, Body: not null })];
            journal._eventsStored = true;
        }

        return journal;
    }

    /// <summary>An envelope and where it goes.</summary>
    public sealed record Outgoing(string Queue, StanzaEnvelope Envelope)
    {
        /// <summary>The room that puts it out, in whose journal it stands.</summary>
        [JsonIgnore]
        public string Sender => Envelope.FromRoom ?? Envelope.Room;
    }

    private sealed record LastTaken(string Sender, long Sequence);

    private sealed record Stored(string Stream, IReadOnlyList<LastTaken> Taken, IReadOnlyDictionary<string, long> Sent);
}
