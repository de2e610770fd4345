using System.Text.Json;
using System.Text.Json.Serialization;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;

namespace JitsiMesh.Focus.Conferences;

/// <summary>
/// The state of one conference and its layout in the store: <c>core</c>, one field for each participant, one for each unanswered call, the last number of each sender on the
/// link, and the stanzas of the last step. Only fields that changed since the last write are written.
/// </summary>
public sealed class ConferenceDocument
{
    private const string CoreField = "core";
    private const string LinkField = "link";
    private const string OutboxField = "outbox";
    private const string ParticipantPrefix = "p:";
    private const string CallPrefix = "c:";

    private readonly Dictionary<string, Participant> _participants = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, PendingCall> _calls = [];
    private readonly SortedSet<string> _changed = new(StringComparer.Ordinal);
    private readonly List<LinkSender> _senders = [];
    private ConferenceCore _core;
    private bool _outboxStored;

    public ConferenceDocument(ConferenceCore core)
    {
        _core = core;
        _changed.Add(CoreField);
    }

    public ConferenceCore Core
    {
        get => _core;
        set
        {
            if (ReferenceEquals(_core, value)) return;
            _core = value;
            _changed.Add(CoreField);
        }
    }

    /// <summary>Participants in the order of their joins.</summary>
    public IEnumerable<Participant> Participants => _participants.Values.OrderBy(participant => participant.Order);

    public int ParticipantCount => _participants.Count;

    public IEnumerable<PendingCall> Calls => _calls.Values;

    /// <summary>The key of a room's document. It begins with the partition, so that a new owner can list its documents.</summary>
    public static string Key(string room) => KeyPrefix(Contracts.Partitions.Of(room)) + room;

    public static string KeyPrefix(int partition) => FormattableString.Invariant($"conference:{partition}:");

    public Participant? Find(string nick) => _participants.GetValueOrDefault(nick);

    public void Put(Participant participant)
    {
        if (_participants.TryGetValue(participant.Nick, out var present) && ReferenceEquals(present, participant)) return;
        _participants[participant.Nick] = participant;
        _changed.Add(ParticipantPrefix + participant.Nick);
    }

    public void Remove(string nick)
    {
        if (_participants.Remove(nick)) _changed.Add(ParticipantPrefix + nick);
    }

    public PendingCall? FindCall(long id) => _calls.GetValueOrDefault(id);

    public void Put(PendingCall call)
    {
        _calls[call.Id] = call;
        _changed.Add(CallField(call.Id));
    }

    public void RemoveCall(long id)
    {
        if (_calls.Remove(id)) _changed.Add(CallField(id));
    }

    /// <summary>False for an envelope that this owner or a previous one has already processed.</summary>
    public bool TakeIn(StanzaEnvelope envelope)
    {
        if (envelope.Sequence == 0) return true;
        var index = _senders.FindIndex(sender => sender.Sender == envelope.Sender);
        if (index >= 0)
        {
            if (envelope.Sequence <= _senders[index].Sequence) return false;
            _senders.RemoveAt(index);
        }

        if (_senders.Count == FocusLimits.LinkSenders) _senders.RemoveAt(0);
        _senders.Add(new LinkSender(envelope.Sender, envelope.Sequence));
        _changed.Add(LinkField);
        return true;
    }

    /// <summary>The changes since the last call, with the stanzas that are about to be sent: the next owner sends them again.</summary>
    public DocumentChange TakeChange(IReadOnlyList<StanzaEnvelope> outbox)
    {
        var put = new Dictionary<string, byte[]>();
        var remove = new List<string>();
        foreach (var field in _changed)
        {
            var value = Serialize(field);
            if (value is null) remove.Add(field);
            else put[field] = value;
        }

        _changed.Clear();
        if (outbox.Count > 0)
        {
            put[OutboxField] = JsonSerializer.SerializeToUtf8Bytes([.. outbox], ConferenceJson.Default.StanzaEnvelopeArray);
            _outboxStored = true;
        }
        else if (_outboxStored)
        {
            remove.Add(OutboxField);
            _outboxStored = false;
        }

        return new DocumentChange { Put = put, Remove = remove };
    }

    /// <summary>Reads a stored conference. Null when the fields are invalid or of an unknown version.</summary>
    public static ConferenceDocument? TryLoad(IReadOnlyDictionary<string, byte[]> fields, out IReadOnlyList<StanzaEnvelope> outbox)
    {
        outbox = [];
        try
        {
            if (!fields.TryGetValue(CoreField, out var core) || JsonSerializer.Deserialize(core, ConferenceJson.Default.ConferenceCore) is not { } read) return null;
            var document = new ConferenceDocument(read);
            foreach (var (field, value) in fields)
            {
                if (field.StartsWith(ParticipantPrefix, StringComparison.Ordinal))
                {
                    var participant = JsonSerializer.Deserialize(value, ConferenceJson.Default.Participant)!;
                    document._participants[participant.Nick] = participant;
                }
                else if (field.StartsWith(CallPrefix, StringComparison.Ordinal))
                {
                    var call = JsonSerializer.Deserialize(value, ConferenceJson.Default.PendingCall)!;
                    document._calls[call.Id] = call;
                }
                else if (field == LinkField)
                {
                    document._senders.AddRange(JsonSerializer.Deserialize(value, ConferenceJson.Default.LinkSenderArray)!);
                }
                else if (field == OutboxField)
                {
                    outbox = JsonSerializer.Deserialize(value, ConferenceJson.Default.StanzaEnvelopeArray)!;
                    document._outboxStored = true;
                }
            }

            document._changed.Clear();
            return document;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Another version or another program wrote the document: the error affects this conference, not its partition.
            return null;
        }
    }

    private static string CallField(long id) => FormattableString.Invariant($"{CallPrefix}{id}");

    private byte[]? Serialize(string field)
    {
        if (field == CoreField) return JsonSerializer.SerializeToUtf8Bytes(_core, ConferenceJson.Default.ConferenceCore);
        if (field == LinkField) return JsonSerializer.SerializeToUtf8Bytes([.. _senders], ConferenceJson.Default.LinkSenderArray);
        if (field.StartsWith(ParticipantPrefix, StringComparison.Ordinal))
        {
            return _participants.TryGetValue(field[ParticipantPrefix.Length..], out var participant)
                ? JsonSerializer.SerializeToUtf8Bytes(participant, ConferenceJson.Default.Participant)
                : null;
        }

        var id = long.Parse(field.AsSpan(CallPrefix.Length), System.Globalization.CultureInfo.InvariantCulture);
        return _calls.TryGetValue(id, out var call) ? JsonSerializer.SerializeToUtf8Bytes(call, ConferenceJson.Default.PendingCall) : null;
    }
}

/// <summary>The number of the last envelope processed from one sender on the link.</summary>
public sealed record LinkSender(string Sender, long Sequence);

[JsonSourceGenerationOptions(IgnoreReadOnlyProperties = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConferenceCore))]
[JsonSerializable(typeof(Participant))]
[JsonSerializable(typeof(PendingCall))]
[JsonSerializable(typeof(LinkSender[]))]
[JsonSerializable(typeof(StanzaEnvelope[]))]
internal sealed partial class ConferenceJson : JsonSerializerContext;
