using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// A multi-user chat room (XEP-0045) as Jitsi uses it: hidden, temporary, non-anonymous, created by focus. A synchronous machine:
/// one stanza in, deliveries and changes out. Its parts: joining and presence, messages, IQs, administration, configuration, storage.
/// </summary>
public sealed partial class Room
{
    private readonly List<Occupant> _occupants = [];
    private readonly Dictionary<string, Occupant> _byNick = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Occupant> _byRealJid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _affiliations = new(StringComparer.Ordinal);
    private readonly List<HistoryEntry> _history = [];
    private readonly MessageAuthors _authors = new();
    private RoomInput[] _held = [];
    private int _heldOctets;
    private readonly IReadOnlyList<RoomModule> _modules;
    private Recipient[]? _clients;

    public Room(RoomContext context, Jid stored, string meetingId)
    {
        Context = context;
        Address = stored;
        Jid = stored.ToString();
        ClientJid = context.Domains.ToClient(stored).ToString();
        IsInternal = context.Domains.KindOf(stored.Domain) == DomainKind.InternalMuc;
        IsLobby = context.Domains.KindOf(stored.Domain) == DomainKind.Lobby;
        IsBreakout = context.Domains.KindOf(stored.Domain) == DomainKind.BreakoutMuc;
        Configuration = new RoomConfiguration { MeetingId = meetingId, FocusSeen = IsInternal || IsLobby };
        _modules = IsInternal ? [] : context.Modules(this);
    }

    public RoomContext Context { get; }

    public Jid Address { get; }

    /// <summary>The stored bare JID: what focus and the store know.</summary>
    public string Jid { get; }

    /// <summary>The bare JID in the form that clients use; the same without a tenant.</summary>
    public string ClientJid { get; }

    /// <summary>A brewery: for services' accounts only, and without focus.</summary>
    public bool IsInternal { get; }

    /// <summary>A room beside a main room, for some of its people. It has no lobby of its own.</summary>
    public bool IsBreakout { get; }

    public RoomConfiguration Configuration { get; private set; }

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<Occupant> Occupants => _occupants;

    public IReadOnlyList<RoomModule> Modules => _modules;

    public bool IsEmpty => _occupants.Count == 0;

    /// <summary>The room ended: its owner forgets it.</summary>
    public bool Ended { get; private set; }

    public int HeldCount => _held.Length;

    /// <summary>Joins that wait for focus, in their order.</summary>
    public IReadOnlyList<RoomInput> Held => _held;

    public Occupant? ByNick(string nick) => _byNick.GetValueOrDefault(nick);

    public Occupant? ByRealJid(string fullJid) => _byRealJid.GetValueOrDefault(fullJid);

    /// <summary>The occupant of an address in this room, in either form of the room's address; null for others.</summary>
    public Occupant? ByOccupantJid(string? text)
    {
        if (!Xmpp.Jid.TryParse(text, out var jid) || jid.Resource is null) return null;
        var bare = jid.Bare.ToString();
        return bare == Jid || bare == ClientJid ? ByNick(jid.Resource) : null;
    }

    public string OccupantJid(Occupant occupant) => $"{ClientJid}/{occupant.Nick}";

    public string AffiliationOf(SessionInfo session) => IsAdmin(session) ? Affiliations.Owner : IsLobby ? Main?.AffiliationOf(session) ?? Affiliations.None : _affiliations.GetValueOrDefault(session.BareJid, Affiliations.None);

    public string AffiliationOf(Occupant occupant) => IsLobby || IsAdmin(occupant.Session) ? AffiliationOf(occupant.Session) : _affiliations.GetValueOrDefault(occupant.BareJid, Affiliations.None);

    /// <summary>Services and the accounts of the auth domain (component_admins_as_room_owners).</summary>
    public bool IsAdmin(SessionInfo session) => session.IsService || session.Jid.Domain == Context.Domains.AuthDomain;

    /// <summary>Recorder and transcriber: not shown, not counted.</summary>
    public bool IsHidden(SessionInfo session) => session.Jid.Domain == Context.Domains.HiddenDomain;

    public T? Module<T>()
        where T : RoomModule
    {
        foreach (var module in _modules)
        {
            if (module is T found) return found;
        }

        return null;
    }

    /// <summary>When a feature wants to tick.</summary>
    public MonotonicTime Deadline
    {
        get
        {
            var deadline = MonotonicTime.Never;
            foreach (var module in _modules) deadline = MonotonicTime.Min(deadline, module.Deadline);
            return deadline;
        }
    }

    /// <summary>When the next occupant goes whose node is gone.</summary>
    public MonotonicTime GhostDeadline
    {
        get
        {
            var deadline = MonotonicTime.Never;
            foreach (var occupant in _occupants)
            {
                if (occupant.NodeGoneSince is { } since) deadline = MonotonicTime.Min(deadline, since + Context.Options.NodeGoneGrace);
            }

            return deadline;
        }
    }

    /// <summary>Handles one stanza whose <c>to</c> is this room or one of its occupants.</summary>
    public void Handle(RoomInput input, string? nick, MeshInstant now, RoomOutputs outputs)
    {
        switch (input.Stanza.Name)
        {
            case "presence":
                HandlePresence(input, nick, now, outputs);
                break;
            case "message":
                HandleMessage(input, nick, now, outputs);
                break;
            case "iq":
                HandleIq(input, nick, now, outputs);
                break;
        }
    }

    /// <summary>A message to a component of a feature.</summary>
    public void HandleCommand(RoomInput input, string component, MeshInstant now, RoomOutputs outputs)
    {
        if (input.Stanza["type"] is "error" or "result") return;
        if (ByRealJid(input.From.FullJid) is not { } sender)
        {
            SendError(input, StanzaError.NotAllowed, outputs);
            return;
        }

        foreach (var module in _modules)
        {
            if (module.Component != component) continue;
            if (module.Command(sender, input.Stanza, now, outputs) is { } error) SendError(input, error, outputs);
            return;
        }

        SendError(input, StanzaError.ServiceUnavailable, outputs);
    }

    /// <summary>The link queues of the nodes that live; occupants elsewhere get a grace, those that came back lose it.</summary>
    public void LiveQueues(IReadOnlySet<string> queues, MeshInstant now)
    {
        foreach (var occupant in _occupants)
        {
            if (occupant.Session.IsService) continue;
            if (queues.Contains(occupant.Session.Queue)) occupant.NodeGoneSince = null;
            else occupant.NodeGoneSince ??= now.Now;
        }
    }

    public void Tick(MeshInstant now, RoomOutputs outputs)
    {
        foreach (var module in _modules)
        {
            if (module.Deadline <= now.Now) module.Tick(now, outputs);
        }
    }

    /// <summary>The leaves of those whose node has been gone for too long, as they would have sent them.</summary>
    public IReadOnlyList<RoomInput> Ghosts(MonotonicTime now)
    {
        List<RoomInput>? ghosts = null;
        for (var i = _occupants.Count - 1; i >= 0; i--)
        {
            var occupant = _occupants[i];
            if (occupant.NodeGoneSince is not { } since || now < since + Context.Options.NodeGoneGrace) continue;
            (ghosts ??= []).Add(new RoomInput(Jid, Stanzas.Presence("unavailable", $"{Jid}/{occupant.Nick}", occupant.Session.FullJid), occupant.Session) { LeftBecause = LeaveReason.TimedOut });
        }

        return ghosts ?? (IReadOnlyList<RoomInput>)[];
    }

    /// <summary>Takes over from the same room before it failed what is in no document.</summary>
    /// <param name="failed">That room.</param>
    /// <param name="held">The joins that waited before.</param>
    internal void KeepOf(Room failed, IReadOnlyList<RoomInput> held)
    {
        _held = [.. held];
        _heldOctets = _held.Sum(one => StanzaSize.Of(one.Stanza));
        _authors.Add(failed._authors);
        foreach (var occupant in _occupants)
        {
            if (failed.ByNick(occupant.Nick) is { } same && same.Session.FullJid == occupant.Session.FullJid) occupant.NodeGoneSince = same.NodeGoneSince;
        }
    }
}
