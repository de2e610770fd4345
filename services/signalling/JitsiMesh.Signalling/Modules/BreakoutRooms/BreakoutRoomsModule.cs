using System.Text.Json;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.BreakoutRooms;

/// <summary>
/// The breakout rooms of a main room (mod_muc_breakout_rooms): keeps the list, tells everybody in the group of it, and says who may come into a breakout room. Those rooms belong to
/// partitions of their own: they are opened, renamed and closed by what is said to them, and say themselves who is in.
/// </summary>
public sealed class BreakoutRoomsModule(Room room, string component) : RoomModule(room)
{
    /// <summary>What people in a breakout room that a moderator removes are told.</summary>
    public const string Removed = "Breakout room removed.";

    /// <summary>Why a main room ends that nobody is in any more, nor in its breakout rooms.</summary>
    public const string AllLeft = "All occupants left.";

    private static readonly TimeSpan Debounce = TimeSpan.FromSeconds(0.3);

    /// <summary>How long a deserted group waits for somebody to come back.</summary>
    private static readonly TimeSpan CloseDelay = TimeSpan.FromSeconds(5);

    /// <summary>How long it waits when the last one left for another room of the group: as long as focus keeps an empty conference then.</summary>
    private static readonly TimeSpan SwitchDelay = TimeSpan.FromSeconds(15);

    private BreakoutGroup _group = new();
    private MonotonicTime _updateAt = MonotonicTime.Never;
    private MonotonicTime _earliestUpdate = MonotonicTime.Zero;
    private MonotonicTime _closeAt = MonotonicTime.Never;
    private (bool MembersOnly, bool HasLobby) _followed = (room.Configuration.MembersOnly, room.Configuration.HasLobby);

    public override string Name => "breakout_rooms";

    public override string Component => component;

    /// <summary>Ended by <see cref="Tick"/> a while after the last one has left main and breakout rooms.</summary>
    public override bool Keeps => _group.Rooms.Count > 0 && !Room.Ended;

    private bool IsDeserted
    {
        get
        {
            if (_group.IsOccupied) return false;
            foreach (var occupant in Room.Occupants)
            {
                if (BreakoutJson.IsPerson(Room, occupant)) return false;
            }

            return true;
        }
    }

    // The nick stands for the person in all rooms of the group.
    public override StanzaError? Joining(SessionInfo session, string nick, XmppElement presence) =>
        _group.Rooms.Count > 0 && _group.IsTaken(nick, session.BareJid) ? StanzaError.Conflict : null;

    public override void Entered(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (_group.Rooms.Count == 0) return;
        if (occupant.Session.IsService) TellOccupancy(occupant, outputs);
        if (_group.Away.Remove(occupant.Session.FullJid)) Room.MarkModule(this, outputs);
        Changed(now, switching: false, outputs);
    }

    public override void Left(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (_group.Rooms.Count == 0 || !BreakoutJson.IsPerson(Room, occupant)) return;
        if (occupant.SwitchesRoom)
        {
            _group.GoesAway(occupant.Session.FullJid, occupant.Nick);
            Room.MarkModule(this, outputs);
        }

        Changed(now, occupant.SwitchesRoom, outputs);
    }

    public override void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
        if (_group.Rooms.Count > 0 && presence.Child("nick", Namespaces.Nick)?.Text != occupant.Presence.Child("nick", Namespaces.Nick)?.Text) UpdateSoon(now);
    }

    public override void RoleChanged(Occupant occupant, Occupant? actor, MeshInstant now, RoomOutputs outputs)
    {
        if (_group.Rooms.Count > 0) UpdateSoon(now);
    }

    public override void Configured(RoomOutputs outputs)
    {
        var follows = (Room.Configuration.MembersOnly, Room.Configuration.HasLobby);
        if (follows == _followed) return;
        _followed = follows;
        foreach (var jid in _group.Rooms.Keys) Room.Say(jid, Following(BreakoutSayings.Follow), outputs);
    }

    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        if (message.Child("breakout_rooms") is not { } command || StanzaSize.Of(message) > SignallingLimits.BreakoutCommandOctets) return StanzaError.BadRequest;
        return sender.IsModerator ? Do(command, now, outputs) : StanzaError.Forbidden;
    }

    public override void Told(string from, XmppElement said, MeshInstant now, RoomOutputs outputs)
    {
        if (said.Namespace != BreakoutSayings.Namespace) return;
        if (!_group.Rooms.TryGetValue(from, out var record))
        {
            // It was removed while it said this, or is left over from a meeting of this name before.
            if (said.Name != BreakoutSayings.Closed && !RoomSaying.IsReturned(said)) Room.Say(from, BreakoutSayings.Make(BreakoutSayings.Close, ("reason", Removed), ("jid", Room.ClientJid)), outputs);
            return;
        }

        if (RoomSaying.IsReturned(said))
        {
            Forget(from, record, now, outputs);
            return;
        }

        switch (said.Name)
        {
            case BreakoutSayings.Opened:
                record.IsOpen = true;
                Noted(now, switching: false, outputs);
                break;
            case BreakoutSayings.Came:
                Came(record, said);
                Noted(now, switching: false, outputs);
                break;
            case BreakoutSayings.Left when said["jid"] is { } jid && record.People.Remove(jid, out var person):
                var switches = said["switches"] == "true";
                if (switches && Room.ByRealJid(jid) is null) _group.GoesAway(jid, person.Nick);
                Noted(now, switches, outputs);
                break;
            case BreakoutSayings.Here:
                // What it says once in a while: nothing that was missed stays missed.
                record.People.Clear();
                foreach (var one in said.Elements) Came(record, one);
                Noted(now, switching: false, outputs);
                break;
            case BreakoutSayings.Asks when said["jid"] is { } asks && said["nick"] is { } nick:
                Room.Say(from, Answer(asks, nick), outputs);
                break;
            case BreakoutSayings.Command:
                Do(said, now, outputs);
                break;
            case BreakoutSayings.Closed:
                Forget(from, record, now, outputs);
                break;
        }
    }

    public override void Over(MeshInstant now, RoomOutputs outputs)
    {
        foreach (var jid in _group.Rooms.Keys) Room.Say(jid, BreakoutSayings.Make(BreakoutSayings.Close, ("reason", Room.EndReason)), outputs);
    }

    public override byte[]? Save() => _group.Counter == 0 ? null : JsonSerializer.SerializeToUtf8Bytes(_group, JsonText.Options);

    public override void Load(ReadOnlySpan<byte> state)
    {
        _group = JsonSerializer.Deserialize<BreakoutGroup>(state) ?? new BreakoutGroup();
        _followed = (Room.Configuration.MembersOnly, Room.Configuration.HasLobby);
        // The owner before may not have told the last change.
        if (_group.Rooms.Count > 0) _updateAt = MonotonicTime.Zero;
    }

    public override MonotonicTime Deadline =>
        _group.Rooms.Count > 0 && _closeAt == MonotonicTime.Never && IsDeserted ? MonotonicTime.Zero : MonotonicTime.Min(_updateAt, _closeAt);

    public override void Tick(MeshInstant now, RoomOutputs outputs)
    {
        if (_group.Rooms.Count > 0 && IsDeserted)
        {
            if (_closeAt <= now.Now)
            {
                Room.Destroy(AllLeft, null, now, outputs);
                return;
            }

            // An owner that took the room over does not know since when.
            if (_closeAt == MonotonicTime.Never) Await(now, switching: false);
        }

        if (_updateAt <= now.Now) Update(now, outputs);
    }

    private StanzaError? Do(XmppElement command, MeshInstant now, RoomOutputs outputs)
    {
        switch (command["type"])
        {
            case "features/breakout-rooms/add":
                return Add(command["subject"] ?? "", outputs);
            case "features/breakout-rooms/remove" when Named(command["breakoutRoomJid"]) is { } removed:
                Room.Say(removed, BreakoutSayings.Make(BreakoutSayings.Close, ("reason", Removed), ("jid", Room.ClientJid)), outputs);
                Forget(removed, _group.Rooms[removed], now, outputs);
                return null;
            case "features/breakout-rooms/rename" when Named(command["breakoutRoomJid"]) is { } renamed:
                if (command["subject"] is not { Length: > 0 and <= SignallingLimits.BreakoutSubjectLength } subject) return StanzaError.NotAcceptable;
                _group.Rooms[renamed].Subject = subject;
                Room.Say(renamed, BreakoutSayings.Make(BreakoutSayings.Rename, ("subject", subject)), outputs);
                Room.MarkModule(this, outputs);
                UpdateSoon(now);
                return null;
            case "features/breakout-rooms/move-to-room" when command["participantJid"] is { } participant:
                return Move(participant, command["roomJid"], outputs);
            case "features/breakout-rooms/remove" or "features/breakout-rooms/rename":
                return StanzaError.ItemNotFound;
            default:
                return StanzaError.BadRequest;
        }
    }

    private StanzaError? Add(string subject, RoomOutputs outputs)
    {
        if (subject.Length > SignallingLimits.BreakoutSubjectLength) return StanzaError.NotAcceptable;
        if (_group.Rooms.Count >= SignallingLimits.BreakoutRooms || _group.Counter >= SignallingLimits.BreakoutRoomsEver) return StanzaError.ResourceConstraint;
        var jid = $"{Room.Context.Random.NextUuid()}@{Room.Context.Domains.BreakoutDomain}";
        _group.Counter++;
        _group.Rooms.Add(jid, new BreakoutRecord { Subject = subject });
        Room.Say(jid, Following(BreakoutSayings.Open).Set("subject", subject), outputs, begins: true);
        Room.MarkModule(this, outputs);
        return null;
    }

    // Only people of the group are moved, and only within it.
    private StanzaError? Move(string participant, string? target, RoomOutputs outputs)
    {
        var room = target == Room.ClientJid ? target : Named(target);
        if (room is null) return StanzaError.ItemNotFound;
        if (Room.ByRealJid(participant) is { } occupant && BreakoutJson.IsPerson(Room, occupant)) Room.SendEvent(occupant, component, BreakoutJson.Move(room), outputs);
        else if (_group.RoomOf(participant) is { } where) Room.Say(where, BreakoutSayings.Make(BreakoutSayings.Move, ("jid", participant), ("room", room)), outputs);
        else return StanzaError.ItemNotFound;
        return null;
    }

    private XmppElement Answer(string fullJid, string nick)
    {
        var occupant = Room.ByRealJid(fullJid);
        if (!Jid.TryParse(fullJid, out var jid) || (occupant is null && !_group.Knows(fullJid))) return Refusal(fullJid, "not-allowed");
        var bare = jid.Bare.ToString();
        var affiliation = Room.AffiliationOf(SessionInfo.Of(jid, ""));
        if (affiliation == Affiliations.Outcast) return Refusal(fullJid, "forbidden");
        if (_group.IsTaken(nick, bare) || (Room.ByNick(nick) is { } other && other.BareJid != bare)) return Refusal(fullJid, "conflict");
        return BreakoutSayings.Make(BreakoutSayings.LetIn, ("jid", fullJid), ("affiliation", affiliation));
    }

    private static XmppElement Refusal(string fullJid, string condition) => BreakoutSayings.Make(BreakoutSayings.KeepOut, ("jid", fullJid), ("error", condition));

    private void Came(BreakoutRecord record, XmppElement person)
    {
        if (person["jid"] is not { } jid || person["nick"] is not { } nick) return;
        _group.Away.Remove(jid);
        record.People[jid] = new BreakoutPerson(nick, person["role"] ?? "participant", person["name"]);
    }

    // Its occupants are on the way to the main room.
    private void Forget(string jid, BreakoutRecord record, MeshInstant now, RoomOutputs outputs)
    {
        _group.Rooms.Remove(jid);
        foreach (var (fullJid, person) in record.People)
        {
            if (Room.ByRealJid(fullJid) is null) _group.GoesAway(fullJid, person.Nick);
        }

        Noted(now, record.People.Count > 0, outputs);
    }

    private XmppElement Following(string name) => BreakoutSayings.Make(name,
        ("membersonly", BreakoutSayings.Flag(Room.Configuration.MembersOnly)), ("lobby", BreakoutSayings.Flag(Room.Configuration.HasLobby)));

    /// <summary>The stored address of one of the breakout rooms here that a client names; null for all else.</summary>
    private string? Named(string? text) => Jid.TryParse(text, out var jid) && jid.ToString() is var named && _group.Rooms.ContainsKey(named) ? named : null;

    private void Noted(MeshInstant now, bool switching, RoomOutputs outputs)
    {
        Changed(now, switching, outputs);
        Room.MarkModule(this, outputs);
    }

    private void Changed(MeshInstant now, bool switching, RoomOutputs outputs)
    {
        UpdateSoon(now);
        if (IsDeserted) Await(now, switching);
        else _closeAt = MonotonicTime.Never;
        if (_group.IsOccupied == _group.ToldOccupied) return;
        _group.ToldOccupied = !_group.ToldOccupied;
        Room.MarkModule(this, outputs);
        foreach (var occupant in Room.Occupants)
        {
            if (occupant.Session.IsService) TellOccupancy(occupant, outputs);
        }
    }

    private void Await(MeshInstant now, bool switching)
    {
        var until = now.Now + (switching ? SwitchDelay : CloseDelay);
        if (_closeAt == MonotonicTime.Never || until > _closeAt) _closeAt = until;
    }

    // Focus keeps a conference that nobody is in while people are in breakout rooms.
    private void TellOccupancy(Occupant service, RoomOutputs outputs) =>
        Room.Send(service, Stanzas.Message(null, null, Room.ClientJid).Add(BreakoutSayings.Make(BreakoutSayings.Occupancy, ("occupied", BreakoutSayings.Flag(_group.IsOccupied)))), null, outputs);

    private void UpdateSoon(MeshInstant now)
    {
        if (_updateAt == MonotonicTime.Never) _updateAt = MonotonicTime.Max(now.Now + Debounce, _earliestUpdate);
    }

    private void Update(MeshInstant now, RoomOutputs outputs)
    {
        _updateAt = MonotonicTime.Never;
        var text = BreakoutJson.Update(Room, _group);
        // A long list may be caused by a short stanza: what each receiver gets is bounded by time instead.
        _earliestUpdate = now.Now + TimeSpan.FromSeconds((double)PlainText.XmlOctets(text) / SignallingLimits.BreakoutUpdateOctetsPerSecond);
        Room.BroadcastToClients(component, text, outputs, withRoom: false);
        foreach (var (jid, record) in _group.Rooms)
        {
            if (record.People.Count > 0) Room.Say(jid, BreakoutSayings.Make(BreakoutSayings.Update).AddText(text), outputs);
        }
    }
}
