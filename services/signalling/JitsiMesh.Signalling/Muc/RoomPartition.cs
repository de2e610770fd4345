using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>
/// The rooms of one partition: one mailbox, one thread at a time, no I/O. It also passes conference requests on to focus and their
/// answers back, since the asker is not in a room yet.
/// </summary>
public sealed class RoomPartition : IRoomDirectory
{
    private static readonly TimeSpan AskerLifetime = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (SessionInfo Session, string? Asked, MonotonicTime Until)> _askers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string FullJid, string Id), RoomInput> _unanswered = [];
    private readonly Queue<(MonotonicTime Until, RoomInput Input)> _waits = new();

    public RoomPartition(RoomContext context) => Context = context with { Rooms = this };

    public RoomContext Context { get; }

    public IReadOnlyDictionary<string, Room> Rooms => _rooms;

    /// <summary>Stanzas of services that nobody could be found for.</summary>
    public long Undeliverable { get; private set; }

    public MonotonicTime Deadline
    {
        get
        {
            var deadline = _waits.TryPeek(out var wait) ? wait.Until : MonotonicTime.Never;
            foreach (var room in _rooms.Values) deadline = MonotonicTime.Min(deadline, room.Deadline);
            return deadline;
        }
    }

    public void Restore(string key, StoredDocument document)
    {
        if (Room.Restore(Context, key, document) is { } room) _rooms[room.Jid] = room;
    }

    public void Handle(RoomInput input, MeshInstant now, RoomOutputs outputs)
    {
        if (!Jid.TryParse(input.Stanza["to"] ?? (input.Recipients.Count > 0 ? input.Room : null), out var to))
        {
            Reply(input, StanzaError.JidMalformed, outputs);
            return;
        }

        switch (Context.Domains.KindOf(to))
        {
            case DomainKind.Muc or DomainKind.InternalMuc or DomainKind.Lobby when to.Local is not null:
                HandleRoom(input, to, now, outputs);
                break;
            case DomainKind.Lobby when StanzaRouter.AsksAboutLobby(input.Stanza):
                DescribeLobby(input, outputs);
                break;
            case DomainKind.Focus when !input.From.IsService:
                AskFocus(input, now, outputs);
                break;
            case DomainKind.Component:
                if (_rooms.TryGetValue(input.Room, out var room))
                {
                    room.HandleCommand(input, to.ToString(), now, outputs);
                    Forget(room);
                }
                else
                {
                    Reply(input, StanzaError.ItemNotFound, outputs);
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

    public void Tick(MeshInstant now, RoomOutputs outputs)
    {
        while (_waits.TryPeek(out var wait) && wait.Until <= now.Now)
        {
            _waits.Dequeue();
            if (_unanswered.GetValueOrDefault(KeyOf(wait.Input)) == wait.Input) GiveUp(wait.Input, outputs);
        }

        foreach (var room in _rooms.Values.ToArray())
        {
            if (room.Deadline > now.Now) continue;
            room.Tick(now, outputs);
            Forget(room);
        }
    }

    /// <summary>Which link queues have somebody behind them.</summary>
    public void LiveQueues(IReadOnlySet<string> queues, MeshInstant now)
    {
        foreach (var room in _rooms.Values) room.LiveQueues(queues, now);
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
                RefuseUnknown(input, outputs);
                return;
            }
        }

        room.Handle(input, stored.Resource, now, outputs);
        if (room is { IsEmpty: true, HeldCount: 0, Ended: false, IsLobby: false }) _rooms.Remove(bare);
        Forget(room);
    }

    /// <summary>Creation is restricted to services and the accounts of the auth domain; in practice focus.</summary>
    private bool CanCreate(RoomInput input, Jid room) =>
        room.Domain != Context.Domains.LobbyDomain && input.Stanza.Name == "presence" && input.Stanza["type"] is null && room.Resource is not null && input.Stanza.Child("x", Namespaces.Muc) is not null
        && (input.From.IsService || input.From.Jid.Domain == Context.Domains.AuthDomain);

    private void RefuseUnknown(RoomInput input, RoomOutputs outputs)
    {
        switch (input.Stanza.Name)
        {
            case "presence" when input.Stanza["type"] is null:
                Reply(input, StanzaError.NotAllowed.WithText(Room.CreationRestricted), outputs);
                break;
            case "message" or "iq":
                Reply(input, StanzaError.ItemNotFound, outputs);
                break;
        }
    }

    /// <summary>Passes a conference request (or logout, login-url) on and keeps who asked, for the answer.</summary>
    private void AskFocus(RoomInput input, MeshInstant now, RoomOutputs outputs)
    {
        if (!Stanzas.IsRequest(input.Stanza)) return;
        if (_askers.Count >= SignallingLimits.PendingRequests) ForgetAskers(now.Now);
        _askers[input.From.FullJid] = (input.From, input.Stanza["to"], now.Now + AskerLifetime);
        if (input.Stanza.Child("conference", Namespaces.Focus) is not null)
        {
            while (_waits.Count >= SignallingLimits.PendingRequests)
            {
                var oldest = _waits.Dequeue().Input;
                if (_unanswered.GetValueOrDefault(KeyOf(oldest)) == oldest) GiveUp(oldest, outputs);
            }

            _unanswered[KeyOf(input)] = input;
            _waits.Enqueue((now.Now + SignallingLimits.ConferenceRequestTime, input));
        }

        var stanza = input.Stanza.ShallowClone();
        stanza["from"] = input.From.FullJid;
        if (stanza.Child("conference", Namespaces.Focus) is { } conference)
        {
            stanza.RemoveChildren(child => child == conference);
            stanza.Add(conference.ShallowClone().Set("room", input.Room));
        }

        _rooms.TryGetValue(input.Room, out var room);
        var occupant = room?.ByRealJid(input.From.FullJid);
        outputs.Services.Add(new ServiceDelivery(new LinkQueue(Context.FocusQueue), new StanzaEnvelope
        {
            Room = input.Room,
            Stanza = XmppSerializer.Write(stanza),
            ReplyQueue = input.From.Queue,
            TraceParent = input.From.Trace,
            Origin = input.From.ToOrigin(occupant is null ? null : $"{input.Room}/{occupant.Nick}", occupant?.Role ?? "none", room?.AffiliationOf(input.From) ?? Affiliations.None),
        }));
    }

    private void DescribeLobby(RoomInput input, RoomOutputs outputs)
    {
        var info = new DiscoInfo();
        info.Identities.Add(new DiscoIdentity("component", "lobbyrooms"));
        info.Features.Add(Namespaces.DiscoInfo);
        if (Find(input.Room)?.Configuration.HasLobby == true) info.Features.Add("http://jitsi.org/protocol/lobbyrooms#displayname_required");
        var answer = Stanzas.Result(input.Stanza, info.ToElement(input.Stanza.Child("query", Namespaces.DiscoInfo)!["node"]));
        outputs.Deliveries.Add(new RoomDelivery(input.Room, OutboundFrame.Stanza(answer), [new Recipient(input.From.FullJid, input.From.Queue)], null));
    }

    private static (string FullJid, string Id) KeyOf(RoomInput request) => (request.From.FullJid, request.Stanza["id"] ?? "");

    /// <summary>Focus is silent, which passes.</summary>
    private void GiveUp(RoomInput request, RoomOutputs outputs)
    {
        _unanswered.Remove(KeyOf(request));
        var named = request.Stanza.Child("conference", Namespaces.Focus)!["room"] ?? request.Room;
        var answer = Stanzas.Result(request.Stanza, ConferenceAnswers.NotReady(named));
        outputs.Deliveries.Add(new RoomDelivery(request.Room, OutboundFrame.Stanza(answer), [new Recipient(request.From.FullJid, request.From.Queue)], null));
    }

    /// <summary>A service's stanza to a session outside of a room: the answer to a conference request.</summary>
    private void Answer(RoomInput input, Jid to, RoomOutputs outputs)
    {
        var fullJid = to.ToString();
        SessionInfo? session = null;
        if (_askers.TryGetValue(fullJid, out var asker)) session = asker.Session;
        else if (_rooms.TryGetValue(input.Room, out var room)) session = room.ByRealJid(fullJid)?.Session;
        // The owner that passed the request on has died since.
        if (session is null && input.AskerQueue.Length > 0) session = SessionInfo.Of(to, input.AskerQueue);
        if (session is null)
        {
            Undeliverable++;
            return;
        }

        if (input.Stanza.Name == "iq" && input.Stanza["type"] is "result" or "error")
        {
            _askers.Remove(fullJid);
            _unanswered.Remove((fullJid, input.Stanza["id"] ?? ""));
        }

        var stanza = input.Stanza.ShallowClone();
        // strophe.js takes an answer only from the address that it asked. Where focus names the asker's queue it has named that address too.
        if (stanza["from"] is null || (stanza["from"] == input.From.FullJid && input.AskerQueue.Length == 0)) stanza["from"] = asker.Asked ?? Context.Domains.FocusComponent;
        if (stanza.Child("conference", Namespaces.Focus) is { } conference && Jid.TryParse(conference["room"], out var stored))
        {
            stanza.RemoveChildren(child => child == conference);
            stanza.Add(conference.ShallowClone().Set("room", Context.Domains.ToClient(stored).ToString()));
        }

        outputs.Deliveries.Add(new RoomDelivery(input.Room, OutboundFrame.Stanza(stanza), [new Recipient(session.FullJid, session.Queue)], null));
    }

    private void ForgetAskers(MonotonicTime now)
    {
        foreach (var (jid, _) in _askers.Where(pair => pair.Value.Until <= now).ToArray()) _askers.Remove(jid);
        if (_askers.Count < SignallingLimits.PendingRequests) return;
        _askers.Remove(_askers.MinBy(pair => pair.Value.Until.Nanoseconds).Key);
    }

    private void Reply(RoomInput input, StanzaError error, RoomOutputs outputs)
    {
        if (input.Stanza["type"] is "error" or "result") return;
        var reply = Stanzas.Error(input.Stanza, error);
        if (input.From.IsService)
        {
            reply["to"] = input.From.FullJid;
            outputs.Services.Add(new ServiceDelivery(new LinkQueue(input.From.Queue), new StanzaEnvelope { Room = input.Room, Stanza = XmppSerializer.Write(reply) }));
        }
        else
        {
            outputs.Deliveries.Add(new RoomDelivery(input.Room, OutboundFrame.Stanza(reply), [new Recipient(input.From.FullJid, input.From.Queue)], null));
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
        // A main room may have ended its lobby.
        if (room.IsLobby || room.IsInternal) return;
        var lobby = $"{room.Address.Local}@{Context.Domains.LobbyDomain}";
        if (_rooms.TryGetValue(lobby, out var found) && found.Ended) _rooms.Remove(lobby);
    }
}
