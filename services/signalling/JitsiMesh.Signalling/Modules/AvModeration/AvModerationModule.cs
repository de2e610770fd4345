using System.Text.Json;
using JitsiMesh.Signalling.Modules.RoomMetadata;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Modules.AvModeration;

/// <summary>
/// Moderators decide who may unmute (mod_av_moderation_component). Clients change nothing before they hear it from here; focus hears the
/// same messages and enforces them.
/// </summary>
public sealed class AvModerationModule(Room room, string component) : RoomModule(room)
{
    private static readonly string[] Media = ["audio", "video", "desktop"];

    private Dictionary<string, MediaState> _media = new(StringComparer.Ordinal);

    public override string Name => "av_moderation";

    public override string Component => component;

    public bool IsOn(string media) => _media.ContainsKey(media);

    public override StanzaError? Command(Occupant sender, XmppElement message, MeshInstant now, RoomOutputs outputs)
    {
        if (message.Child("av_moderation") is not { } command) return StanzaError.BadRequest;
        if (!sender.IsModerator) return StanzaError.Forbidden;
        var media = command["mediaType"] ?? "audio";
        if (!Media.Contains(media)) return StanzaError.BadRequest;
        if (command["enable"] is { } enable) Switch(sender, media, enable == "true", outputs);
        else if (command["jidToWhitelist"] is { } allowed) return Allow(sender, media, allowed, outputs);
        else if (command["jidToBlacklist"] is { } refused) return Refuse(media, refused, outputs);
        else return StanzaError.BadRequest;
        return null;
    }

    public override void Joined(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        foreach (var (media, state) in _media) Room.SendEvent(occupant, component, EnabledText(media, true, state.Actor), outputs);
        if (_media.Count == 0 || occupant.Session.IsService) return;
        if (occupant.IsModerator) AddModerator(occupant, promoted: false, outputs);
    }

    public override void RoleChanged(Occupant occupant, Occupant? actor, MeshInstant now, RoomOutputs outputs)
    {
        if (_media.Count > 0 && occupant.IsModerator) AddModerator(occupant, promoted: true, outputs);
    }

    public override void Left(Occupant occupant, MeshInstant now, RoomOutputs outputs)
    {
        var changed = false;
        foreach (var state in _media.Values) changed |= state.Allowed.Remove(Room.OccupantJid(occupant));
        if (changed) Room.MarkModule(this, outputs);
    }

    public override byte[]? Save() => JsonSerializer.SerializeToUtf8Bytes(_media, JsonText.Options);

    public override void Load(ReadOnlySpan<byte> state) => _media = JsonSerializer.Deserialize<Dictionary<string, MediaState>>(state) ?? [];

    private void Switch(Occupant actor, string media, bool on, RoomOutputs outputs)
    {
        if (on == _media.ContainsKey(media)) return;
        if (on)
        {
            var allowed = Room.Occupants.Where(occupant => occupant.IsModerator && !occupant.Session.IsService).Select(Room.OccupantJid).ToList();
            _media[media] = new MediaState { Actor = Room.OccupantJid(actor), Allowed = allowed, StartMutedBefore = StartMuted(media) };
            SetStartMuted(media, true, outputs);
        }
        else
        {
            SetStartMuted(media, _media[media].StartMutedBefore, outputs);
            _media.Remove(media);
        }

        Room.MarkModule(this, outputs);
        Room.BroadcastEvent(component, EnabledText(media, on, Room.OccupantJid(actor)), null, outputs);
        if (on) Whitelists(media).Begin(Room, component, outputs);
    }

    private StanzaError? Allow(Occupant sender, string media, string jid, RoomOutputs outputs)
    {
        if (Room.ByOccupantJid(jid) is not { } occupant) return StanzaError.ItemNotFound;
        if (!_media.TryGetValue(media, out var state))
        {
            // Moderation is off: a moderator just asks to unmute.
            Room.SendEvent(occupant, component, PersonalText(media, approved: true, Room.OccupantJid(sender)), outputs);
            return null;
        }

        if (!state.Allowed.Contains(Room.OccupantJid(occupant))) state.Allowed.Add(Room.OccupantJid(occupant));
        Room.MarkModule(this, outputs);
        Whitelists(media).Approved(Room.OccupantJid(occupant), null, Room, component, outputs);
        Room.SendEvent(occupant, component, PersonalText(media, approved: true, null), outputs);
        return null;
    }

    private StanzaError? Refuse(string media, string jid, RoomOutputs outputs)
    {
        if (!_media.TryGetValue(media, out var state)) return StanzaError.ItemNotFound;
        if (Room.ByOccupantJid(jid) is not { } occupant) return StanzaError.ItemNotFound;
        if (!state.Allowed.Remove(Room.OccupantJid(occupant))) return null;
        Room.MarkModule(this, outputs);
        Whitelists(media).Rejected(Room.OccupantJid(occupant), Room, component, outputs);
        Room.SendEvent(occupant, component, PersonalText(media, approved: false, null), outputs);
        return null;
    }

    private void AddModerator(Occupant occupant, bool promoted, RoomOutputs outputs)
    {
        var jid = Room.OccupantJid(occupant);
        foreach (var (media, state) in _media)
        {
            if (!state.Allowed.Contains(jid)) state.Allowed.Add(jid);
            var lists = Whitelists(media);
            lists.Approved(jid, occupant, Room, component, outputs);
            // Who joins pays for the list itself; who is promoted did not ask for it.
            lists.Tell(occupant, promoted, Room, component, outputs);
        }

        Room.MarkModule(this, outputs);
    }

    private ModeratorLists Whitelists(string media) => new(media, _media);

    private string EnabledText(string media, bool on, string actor) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "av_moderation");
        writer.WriteBoolean("enabled", on);
        writer.WriteString("room", Room.ClientJid);
        writer.WriteString("actor", actor);
        writer.WriteString("mediaType", media);
        writer.WriteEndObject();
    });

    private string PersonalText(string media, bool approved, string? from) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "av_moderation");
        writer.WriteString("room", Room.ClientJid);
        writer.WriteBoolean(approved ? "approved" : "removed", true);
        writer.WriteString("mediaType", media);
        if (from is not null) writer.WriteString("from", from);
        writer.WriteEndObject();
    });

    private bool? StartMuted(string media) => Room.Module<RoomMetadataModule>()?["startMuted"]?[media]?.Boolean;

    private void SetStartMuted(string media, bool? on, RoomOutputs outputs)
    {
        if (media == "desktop" || Room.Module<RoomMetadataModule>() is not { } metadata) return;
        var startMuted = (metadata["startMuted"] is { IsObject: true } set ? set : UserJson.Empty).With(media, on is { } value ? UserJson.Of(value) : null);
        metadata.Set("startMuted", startMuted.Members.Count == 0 ? null : startMuted, outputs);
    }
}
