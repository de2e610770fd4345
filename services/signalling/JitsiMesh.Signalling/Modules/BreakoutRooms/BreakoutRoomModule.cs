using System.Text.Json;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.BreakoutRooms;

/// <summary>
/// What makes a room a breakout room: it begins when its main room says so, asks that one of everybody who wants in, tells it who is in, and ends with it. A join waits for the main
/// room's answer; it is stored meanwhile, so that it survives the owners of both.
/// </summary>
public sealed class BreakoutRoomModule(Room room, string component) : RoomModule(room)
{
    /// <summary>How often the main room is told who is in: this corrects a stale list, and finds out whether the main room still exists.</summary>
    private static readonly TimeSpan ReportPeriod = TimeSpan.FromMinutes(5);

    private readonly List<RoomInput> _asking = [];
    private BreakoutRoomState _state = new();
    private (string FullJid, string Affiliation) _entering = ("", Affiliations.None);
    private MonotonicTime _reportAt = MonotonicTime.Never;

    public override string Name => "breakout_room";

    public override string Component => component;

    public override bool Keeps => _state.Main is not null && !Room.Ended;

    // A token is for the main room, whose people are let in here.
    public override StanzaError? Admits(SessionInfo session) =>
        _state.Main is { } main && Jid.TryParse(main, out var address) ? Room.Context.Admits(session, address) : StanzaError.NotAllowed;

    public override string? Grants(SessionInfo session) =>
        session.FullJid == _entering.FullJid && _entering.Affiliation is Affiliations.Owner or Affiliations.Admin ? _entering.Affiliation : null;

    public override bool PassesLobby(SessionInfo session) => session.FullJid == _entering.FullJid;

    public override bool Holds(RoomInput join, MeshInstant now, RoomOutputs outputs)
    {
        var session = join.From;
        if (_state.Main is not { } main || Room.IsAdmin(session) || Room.IsHidden(session)) return false;
        if (_state.LetIn.Remove(session.FullJid, out var affiliation))
        {
            _entering = (session.FullJid, affiliation);
            Room.MarkModule(this, outputs);
            return false;
        }

        var asked = _asking.RemoveAll(one => one.From.FullJid == session.FullJid) > 0;
        if (_asking.Count >= SignallingLimits.HeldJoins || _asking.Sum(one => StanzaSize.Of(one.Stanza)) + StanzaSize.Of(join.Stanza) > SignallingLimits.HeldJoinOctets)
        {
            Room.SendJoinError(join, StanzaError.ServiceUnavailable, outputs);
            return true;
        }

        _asking.Add(join);
        Room.MarkModule(this, outputs);
        var nick = Jid.TryParse(join.Stanza["to"], out var to) ? to.Resource : null;
        if (!asked) Room.Say(main, BreakoutSayings.Make(BreakoutSayings.Asks, ("jid", session.FullJid), ("nick", nick)), outputs);
        return true;
    }

    public override void GivesUp(SessionInfo session, RoomOutputs outputs)
    {
        if (_asking.RemoveAll(one => one.From.FullJid == session.FullJid) + (_state.LetIn.Remove(session.FullJid) ? 1 : 0) > 0) Room.MarkModule(this, outputs);
    }

    public override void Entered(Occupant occupant, MeshInstant now, RoomOutputs outputs) => Tell(occupant, BreakoutJson.PersonOf(occupant), outputs);

    public override void Presence(Occupant occupant, XmppElement presence, MeshInstant now, RoomOutputs outputs)
    {
        if (!_state.Told.TryGetValue(occupant.Session.FullJid, out var told)) return;
        var name = presence.Child("nick", Namespaces.Nick)?.Text is { } text ? PlainText.Shorten(text, SignallingLimits.DisplayNameLength) : null;
        if (name != told.Name) Tell(occupant, told with { Name = name }, outputs);
    }

    public override void RoleChanged(Occupant occupant, Occupant? actor, MeshInstant now, RoomOutputs outputs) => Tell(occupant, BreakoutJson.PersonOf(occupant), outputs);

    public override void Left(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        if (_state.Main is not { } main || !_state.Told.Remove(occupant.Session.FullJid)) return;
        Room.MarkModule(this, outputs);
        if (occupant.LeftBecause == LeaveReason.RoomEnded) return;
        Room.Say(main, BreakoutSayings.Make(BreakoutSayings.Left, ("jid", occupant.Session.FullJid), ("switches", BreakoutSayings.Flag(occupant.SwitchesRoom))), outputs);
    }

    /// <summary>The group is commanded from any of its rooms; the main room does it.</summary>
    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        if (message.Child("breakout_rooms") is not { } command || StanzaSize.Of(message) > SignallingLimits.BreakoutCommandOctets || _state.Main is not { } main) return StanzaError.BadRequest;
        if (!sender.IsModerator) return StanzaError.Forbidden;
        var passed = BreakoutSayings.Make(BreakoutSayings.Command);
        foreach (var attribute in BreakoutSayings.CommandAttributes) passed[attribute] = command[attribute];
        Room.Say(main, passed, outputs);
        return null;
    }

    public override void Told(string from, XmppElement said, MeshInstant now, RoomOutputs outputs)
    {
        if (said.Namespace != BreakoutSayings.Namespace || (_state.Main is { } main && main != from)) return;
        if (RoomSaying.IsReturned(said))
        {
            Room.Destroy(BreakoutRoomsModule.AllLeft, null, now, outputs);
            return;
        }

        switch (said.Name)
        {
            case BreakoutSayings.Open when _state.Main is null:
                _state.Main = from;
                _reportAt = now.Now + ReportPeriod;
                Room.SetSubject(said["subject"] ?? "", outputs);
                Follow(said, outputs);
                Room.Say(from, BreakoutSayings.Make(BreakoutSayings.Opened), outputs);
                break;
            case BreakoutSayings.Follow:
                Follow(said, outputs);
                Room.BroadcastConfigurationChange(outputs);
                break;
            case BreakoutSayings.Rename:
                Room.SetSubject(said["subject"] ?? "", outputs);
                break;
            case BreakoutSayings.Close:
                Room.Destroy(said["reason"], said["jid"], now, outputs);
                break;
            case BreakoutSayings.Move when said["room"] is { } target && Room.ByRealJid(said["jid"] ?? "") is { } moved:
                Room.SendEvent(moved, component, BreakoutJson.Move(target), outputs);
                break;
            case BreakoutSayings.Update:
                Room.BroadcastToClients(component, said.Text, outputs, withRoom: false);
                break;
            case BreakoutSayings.LetIn or BreakoutSayings.KeepOut:
                Answered(said, outputs);
                break;
        }
    }

    public override void Over(MeshInstant now, RoomOutputs outputs)
    {
        foreach (var join in _asking) Room.SendJoinError(join, StanzaError.NotAllowed, outputs);
        _asking.Clear();
        if (_state.Main is { } main) Room.Say(main, BreakoutSayings.Make(BreakoutSayings.Closed), outputs);
    }

    public override void Describe(DiscoInfo info, DataForm form)
    {
        DescribeToOwner(form);
        // Moderators can still let people in from here.
        if (_state.HasLobby && _state.Main is { } main) form.Add("muc#roominfo_lobbyroom", $"{Jid.Parse(main).Local}@{Room.Context.Domains.LobbyDomain}");
    }

    public override void DescribeToOwner(DataForm form)
    {
        if (_state.Main is not { } main) return;
        form.Add("muc#roominfo_isbreakout", "1");
        form.Add("muc#roominfo_breakout_main_room", Room.Context.Domains.ToClient(Jid.Parse(main)).ToString());
    }

    public override byte[] Save()
    {
        _state.Asking = [.. _asking.Select(join => join.ToEnvelope())];
        return JsonSerializer.SerializeToUtf8Bytes(_state, JsonText.Options);
    }

    public override void Load(ReadOnlySpan<byte> state)
    {
        _state = JsonSerializer.Deserialize<BreakoutRoomState>(state) ?? new BreakoutRoomState();
        foreach (var envelope in _state.Asking)
        {
            if (!XmppParser.TryParse(envelope.Stanza, out var stanza, out _) || envelope.Origin is not { } origin) continue;
            if (SessionInfo.FromOrigin(origin, envelope.ReplyQueue, envelope.TraceParent) is { } session) _asking.Add(new RoomInput(envelope.Room, stanza, session));
        }

        if (_state.Main is not null) _reportAt = MonotonicTime.Zero;
    }

    public override MonotonicTime Deadline => _reportAt;

    public override void Tick(MeshInstant now, RoomOutputs outputs)
    {
        _reportAt = now.Now + ReportPeriod;
        if (_state.Main is not { } main) return;
        var here = BreakoutSayings.Make(BreakoutSayings.Here);
        foreach (var (fullJid, person) in _state.Told) here.Add(BreakoutSayings.Person(fullJid, person));
        Room.Say(main, here, outputs);
    }

    private void Answered(XmppElement answer, RoomOutputs outputs)
    {
        var index = _asking.FindIndex(one => one.From.FullJid == answer["jid"]);
        if (index < 0) return;
        var join = _asking[index];
        _asking.RemoveAt(index);
        if (answer.Name == BreakoutSayings.LetIn)
        {
            _state.LetIn[join.From.FullJid] = answer["affiliation"] ?? Affiliations.None;
            outputs.Released.Add(join);
        }
        else
        {
            Room.SendJoinError(join, answer["error"] switch { "conflict" => StanzaError.Conflict, "forbidden" => StanzaError.Forbidden, _ => StanzaError.NotAllowed }, outputs);
        }

        Room.MarkModule(this, outputs);
    }

    private void Follow(XmppElement said, RoomOutputs outputs)
    {
        Room.SetMembersOnly(said["membersonly"] == "true", outputs);
        _state.HasLobby = said["lobby"] == "true";
        Room.MarkModule(this, outputs);
    }

    private void Tell(Occupant occupant, BreakoutPerson person, RoomOutputs outputs)
    {
        if (_state.Main is not { } main || !BreakoutJson.IsPerson(Room, occupant)) return;
        if (_state.Told.TryGetValue(occupant.Session.FullJid, out var told) && told == person) return;
        _state.Told[occupant.Session.FullJid] = person;
        Room.MarkModule(this, outputs);
        Room.Say(main, BreakoutSayings.Person(occupant.Session.FullJid, person), outputs);
    }
}
