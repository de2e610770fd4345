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

    /// <summary>By key of the store.</summary>
    public IReadOnlyDictionary<string, RoomChange> Changes => _changes;

    public RoomChange Change(string key)
    {
        if (_changes.TryGetValue(key, out var change)) return change;
        return _changes[key] = new RoomChange();
    }

    public void Clear()
    {
        Deliveries.Clear();
        Services.Clear();
        _changes.Clear();
    }
}

/// <summary>The change of one room's document: later puts and removals replace earlier ones.</summary>
public sealed class RoomChange
{
    /// <summary>By field; null removes it. Where the document goes first, these are a new room's of the same name.</summary>
    public Dictionary<string, byte[]?> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>The room ended: the document goes, and then come the fields, if any.</summary>
    public bool Deleted { get; set; }
}
