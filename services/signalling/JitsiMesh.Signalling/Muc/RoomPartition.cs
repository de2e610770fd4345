using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// The rooms of one partition: one mailbox, one thread at a time, no I/O. Each input takes effect whole or not at all. It also passes conference requests on to
/// focus and their answers back, since the asker is not in a room yet.
/// </summary>
public sealed partial class RoomPartition : IRoomDirectory
{
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);

    // False while rooms that nobody is in have come from the store and were not looked at.
    private bool _swept = true;

    public RoomPartition(RoomContext context) => Context = context with { Rooms = this };

    public RoomContext Context { get; }

    public IReadOnlyDictionary<string, Room> Rooms => _rooms;

    /// <summary>Stanzas of services that nobody could be found for.</summary>
    public long Undeliverable { get; private set; }

    public MonotonicTime Deadline
    {
        get
        {
            if (!_swept) return MonotonicTime.Zero;
            var deadline = MonotonicTime.Min(WaitsDeadline, PostponedDeadline);
            foreach (var room in _rooms.Values) deadline = MonotonicTime.Min(deadline, MonotonicTime.Min(room.GhostDeadline, TickOf(room)));
            return deadline;
        }
    }

    public void Restore(string key, StoredDocument document)
    {
        if (Room.Restore(Context, key, document) is not { } room) return;
        _rooms[room.Jid] = room;
        _written.Load(key, document);
        if (room is { IsEmpty: true, IsLobby: false }) _swept = false;
    }

    public void Handle(RoomInput input, MeshInstant now, RoomOutputs outputs)
    {
        if (IsUnbounded(input.From))
        {
            Take(input, null, now, outputs);
            return;
        }

        var budget = _senders.Of(input.From.FullJid, now.Now);
        var debt = budget.Wait(now.Now);
        if (BudgetOfAddress(input, now.Now)?.Wait(now.Now) is { } shared && shared > debt) debt = shared;
        if (debt == TimeSpan.Zero)
        {
            // What waited is older than this.
            if (_postponed.Count > 0 && input.Stanza.Name == "presence") _postponed.Remove((input.Room, input.From.FullJid));
            Take(input, budget, now, outputs);
        }
        else if (InDebt(input, now.Now + debt, outputs) is { } allowed)
        {
            Take(allowed, budget, now, outputs);
        }
    }

    public void Tick(MeshInstant now, RoomOutputs outputs)
    {
        _swept = true;
        EndWaits(now, outputs);
        HandlePostponed(now, outputs);
        foreach (var jid in _rooms.Keys.ToArray())
        {
            if (Find(jid) is not { } haunted) continue;
            foreach (var ghost in haunted.Ghosts(now.Now)) Take(ghost, null, now, outputs);
            if (Find(jid) is { } room && (TickOf(room) <= now.Now || room.IsLeftOver)) TickRoom(room, now, outputs);
        }

        TakeReleased(now, outputs);
    }

    /// <summary>Which link queues have somebody behind them.</summary>
    public void LiveQueues(IReadOnlySet<string> queues, MeshInstant now)
    {
        foreach (var room in _rooms.Values) room.LiveQueues(queues, now);
    }

    private void Dispatch(RoomInput input, MeshInstant now, RoomOutputs outputs)
    {
        if (input.FromRoom is { } other)
        {
            Tell(input, other, now, outputs);
            return;
        }

        if (!Jid.TryParse(input.Stanza["to"] ?? (input.Recipients.Count > 0 ? input.Room : null), out var to))
        {
            Reply(input, StanzaError.JidMalformed, outputs);
            return;
        }

        switch (Context.Domains.KindOf(to))
        {
            case DomainKind.Muc or DomainKind.InternalMuc or DomainKind.Lobby or DomainKind.BreakoutMuc when to.Local is not null:
                HandleRoom(input, to, now, outputs);
                break;
            case DomainKind.Lobby when StanzaRouter.AsksAboutLobby(input.Stanza):
                DescribeLobby(input, outputs);
                break;
            case DomainKind.Focus when !input.From.IsService:
                AskFocus(input, now, outputs);
                break;
            case DomainKind.Component or DomainKind.BreakoutMuc:
                if (_rooms.TryGetValue(input.Room, out var room))
                {
                    Aim(room);
                    room.HandleCommand(input, to.ToString(), now, outputs);
                    Forget(room);
                }
                else
                {
                    // The same as of a room that the sender is not in.
                    Reply(input, StanzaError.NotAllowed, outputs);
                }

                break;
            case DomainKind.Host when !input.From.IsService && to.Resource is not null && _rooms.TryGetValue(input.Room, out var shared):
                shared.HandleDirect(input, to.ToString(), outputs);
                break;
            default:
                if (input.From.IsService) Answer(input, to, outputs);
                else Reply(input, StanzaError.ServiceUnavailable, outputs);
                break;
        }
    }

    private void HandleRoom(RoomInput input, Jid to, MeshInstant now, RoomOutputs outputs)
    {
        var stored = Context.Domains.ToStored(to);
        var bare = stored.Bare.ToString();
        if (!_rooms.TryGetValue(bare, out var room))
        {
            if (CanCreate(input, stored))
            {
                room = new Room(Context, stored.Bare, Context.Random.NextUuid());
                _rooms.Add(bare, room);
            }
            else
            {
                RefuseUnknown(input, stored.Bare, outputs);
                return;
            }
        }

        Aim(room);
        room.Handle(input, stored.Resource, now, outputs);
        if (room.IsLeftOver)
        {
            if (_written.Of(room.StoreKey) is null) _rooms.Remove(bare);
            else room.Dissolve(now, outputs);
        }

        Forget(room);
    }

    /// <summary>What another room says. A room that is none of this mailbox's begins with it, or it goes back.</summary>
    private void Tell(RoomInput input, string from, MeshInstant now, RoomOutputs outputs)
    {
        var begins = !_rooms.ContainsKey(input.Room);
        if (begins && !(RoomSaying.Begins(input.Stanza) && Jid.TryParse(input.Room, out var address) && Context.Domains.KindOf(address.Domain) == DomainKind.BreakoutMuc))
        {
            if (RoomSaying.Returned(input, from) is { } returned) outputs.Services.Add(returned);
            return;
        }

        var room = begins ? _rooms[input.Room] = new Room(Context, Jid.Parse(input.Room), Context.Random.NextUuid()) : _rooms[input.Room];
        if (begins) room.Begin(outputs);
        Aim(room);
        if (RoomSaying.Payload(input.Stanza) is { } said)
        {
            foreach (var module in room.Modules) module.Told(from, said, now, outputs);
        }

        if (room.IsLeftOver) room.Dissolve(now, outputs);
        Forget(room);
    }

    /// <summary>Creation is restricted to services and the accounts of the auth domain; in practice focus.</summary>
    private bool CanCreate(RoomInput input, Jid room) =>
        Context.Domains.KindOf(room.Domain) is DomainKind.Muc or DomainKind.InternalMuc && input.Stanza.Name == "presence" && input.Stanza["type"] is null && room.Resource is not null && input.Stanza.Child("x", Namespaces.Muc) is not null
        && (input.From.IsService || input.From.Jid.Domain == Context.Domains.AuthDomain);

    /// <summary>A session gets the same answer as from a room that it is not in, or that its token is not good for, so that it does not learn which rooms exist.</summary>
    private void RefuseUnknown(RoomInput input, Jid room, RoomOutputs outputs)
    {
        var trusted = input.From.IsService || input.From.Jid.Domain == Context.Domains.AuthDomain;
        switch (input.Stanza.Name)
        {
            case "presence" when input.Stanza["type"] is null:
                Reply(input, JoinErrorCodes.WithCode(Context.Admits(input.From, room) ?? StanzaError.NotAllowed.WithText(Room.CreationRestricted)), outputs);
                break;
            case "message":
                Reply(input, trusted ? StanzaError.ItemNotFound : StanzaError.NotAcceptable, outputs);
                break;
            case "iq":
                Reply(input, trusted ? StanzaError.ItemNotFound : StanzaError.Forbidden, outputs);
                break;
        }
    }

    private void DescribeLobby(RoomInput input, RoomOutputs outputs)
    {
        var info = new DiscoInfo();
        info.Identities.Add(new DiscoIdentity("component", "lobbyrooms"));
        info.Features.Add(Namespaces.DiscoInfo);
        if (Find(input.Room)?.Configuration.HasLobby == true) info.Features.Add("http://jitsi.org/protocol/lobbyrooms#displayname_required");
        var answer = Stanzas.Result(input.Stanza, info.ToElement(input.Stanza.Child("query", Namespaces.DiscoInfo)!["node"]));
        outputs.Deliveries.Add(new RoomDelivery(input.Room, Sessions.OutboundFrame.Stanza(answer), [new Recipient(input.From.FullJid, input.From.Queue)], null));
    }

    private void Reply(RoomInput input, StanzaError error, RoomOutputs outputs)
    {
        if (input.FromRoom is not null || input.Stanza["type"] is "error" or "result") return;
        var reply = Stanzas.Error(input.Stanza, error);
        if (input.From.IsService)
        {
            reply["to"] = input.From.FullJid;
            outputs.Services.Add(new ServiceDelivery(new LinkQueue(input.From.Queue), new StanzaEnvelope { Room = input.Room, Stanza = XmppSerializer.Write(reply) }));
        }
        else
        {
            outputs.Deliveries.Add(new RoomDelivery(input.Room, Sessions.OutboundFrame.Stanza(reply), [new Recipient(input.From.FullJid, input.From.Queue)], null));
        }
    }

    public Room? Find(string storedJid) => _rooms.GetValueOrDefault(storedJid);

    public void CreateLobby(Room main, RoomOutputs outputs)
    {
        var lobby = new Room(Context, Jid.Create(main.Address.Local, Context.Domains.LobbyDomain), main.Configuration.MeetingId);
        _rooms[lobby.Jid] = lobby;
        lobby.Begin(outputs);
    }

    private void Forget(Room room)
    {
        if (room.Ended) _rooms.Remove(room.Jid);
        if (room.IsInternal) return;
        // A main room may have ended its lobby, and the last one in the lobby a main room that nobody is in.
        var other = room.IsLobby ? $"{room.Address.Local}@{Context.Domains.MucDomain}" : LobbyOf(room.Address);
        if (_rooms.TryGetValue(other, out var found) && found.Ended) _rooms.Remove(other);
    }

    private string LobbyOf(Jid room) => $"{room.Local}@{Context.Domains.LobbyDomain}";
}
