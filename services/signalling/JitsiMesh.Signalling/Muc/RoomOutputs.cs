using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Muc;

/// <summary>A session to deliver to: its full JID and the queue of its node.</summary>
public readonly record struct Recipient(string FullJid, string Queue);

/// <summary>One frame for one or many sessions.</summary>
/// <param name="Room">The room it comes from.</param>
/// <param name="Frame">The frame; each receiver's address is put in when written.</param>
/// <param name="To">Shared between deliveries: not to be changed.</param>
/// <param name="Except">A full JID of the list that does not get it, or null.</param>
public readonly record struct RoomDelivery(string Room, OutboundFrame Frame, IReadOnlyList<Recipient> To, string? Except)
{
    /// <summary>The number under which it goes to other nodes, where the link or the room's journal does not give one.</summary>
    public Links.LinkNumber? Number { get; init; }
}

/// <summary>One envelope for a service.</summary>
public readonly record struct ServiceDelivery(LinkQueue Queue, StanzaEnvelope Envelope);

/// <summary>What came out of one or several inputs of a partition: deliveries in order for each receiver, and what to write before them.</summary>
public sealed class RoomOutputs
{
    private readonly Dictionary<string, RoomChange> _changes = new(StringComparer.Ordinal);

    public List<RoomDelivery> Deliveries { get; } = [];

    public List<ServiceDelivery> Services { get; } = [];

    /// <summary>Joins that waited for focus, which is in now: to be handled next.</summary>
    public List<RoomInput> Released { get; } = [];

    /// <summary>Questions to the reservation system, to be asked when the changes are written.</summary>
    public List<ReservationCall> Calls { get; } = [];

    /// <summary>What happened, to be told outside once it is written.</summary>
    public List<RoomEvent> Events { get; } = [];

    /// <summary>What was refused for a bound, as reasons for the counter.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>Failures of the server's own code. Their changes are already undone.</summary>
    public List<RoomFailure> Failures { get; } = [];

    /// <summary>A feature that fails is passed over and noted: for what must take effect in any case.</summary>
    public bool Forgives { get; set; }

    /// <summary>By key of the store.</summary>
    public IReadOnlyDictionary<string, RoomChange> Changes => _changes;

    public RoomChange Change(string key)
    {
        if (_changes.TryGetValue(key, out var change)) return change;
        return _changes[key] = new RoomChange();
    }

    /// <summary>Adds what a later input put out.</summary>
    public void Append(RoomOutputs later)
    {
        Deliveries.AddRange(later.Deliveries);
        Services.AddRange(later.Services);
        Released.AddRange(later.Released);
        Failures.AddRange(later.Failures);
        if (later.Calls.Count > 0) Calls.AddRange(later.Calls);
        if (later.Events.Count > 0) Events.AddRange(later.Events);
        if (later.Refused.Count > 0) Refused.AddRange(later.Refused);
        foreach (var (key, change) in later._changes) Change(key).Append(change);
    }

    public void Clear()
    {
        Deliveries.Clear();
        Services.Clear();
        Released.Clear();
        Failures.Clear();
        Calls.Clear();
        Events.Clear();
        Refused.Clear();
        _changes.Clear();
        Forgives = false;
    }
}

/// <summary>The change of one room's document: later puts and removals replace earlier ones.</summary>
public sealed class RoomChange
{
    /// <summary>By field; null removes it. Where the document goes first, these are a new room's of the same name.</summary>
    public Dictionary<string, byte[]?> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>The room ended: the document goes, and then come the fields, if any.</summary>
    public bool Deleted { get; set; }

    /// <summary>Adds a later change of the same document.</summary>
    public void Append(RoomChange later)
    {
        if (later.Deleted)
        {
            Deleted = true;
            Fields.Clear();
        }

        foreach (var (field, value) in later.Fields) Fields[field] = value;
    }
}

/// <summary>An exception inside a room: a bug of ours.</summary>
/// <param name="Exception">What was thrown.</param>
/// <param name="Room">The stored address of the room.</param>
/// <param name="Session">The full JID of the sender, or null for a timer.</param>
/// <param name="Step">What the room was doing.</param>
public sealed record RoomFailure(Exception Exception, string Room, string? Session, string Step);
