using System.Text;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Modules.AvModeration;

/// <summary>
/// What moderators hear of one medium's whitelist. Clients compare each list with the one before: a new entry means approved, and an entry that is missing where
/// <c>removed</c> is set means rejected. The whole list for each change would make a short command cost each moderator as much as the room is large. So a list
/// longer than <see cref="SignallingLimits.WhitelistOctets"/> is told as the change alone, which clients read as the same event. Focus always gets the whole.
/// </summary>
internal readonly struct ModeratorLists(string media, IReadOnlyDictionary<string, MediaState> all)
{
    private MediaState Own => all[media];

    /// <summary>Moderation of this medium began.</summary>
    public void Begin(Room room, string component, RoomOutputs outputs)
    {
        ToFocus(removed: false, room, component, outputs);
        var whole = Whole(removed: false, room);
        Own.Partial = whole is null;
        ToClients(whole ?? Text(removed: false, room, [(media, Recent())]), null, room, component, outputs);
    }

    /// <param name="except">A moderator that is told in another way.</param>
    public void Approved(string jid, Occupant? except, Room room, string component, RoomOutputs outputs)
    {
        ToFocus(removed: false, room, component, outputs);
        var whole = Whole(removed: false, room);
        Own.Partial = whole is null;
        ToClients(whole ?? Text(removed: false, room, [(media, [jid])]), except, room, component, outputs);
    }

    public void Rejected(string jid, Room room, string component, RoomOutputs outputs)
    {
        ToFocus(removed: true, room, component, outputs);
        if (!Own.Partial && Whole(removed: true, room) is { } whole)
        {
            ToClients(whole, null, room, component, outputs);
            return;
        }

        // Only what stands in the list that a client holds can be missing in the next one.
        ToClients(Text(removed: false, room, [(media, [jid])]), null, room, component, outputs);
        ToClients(Text(removed: true, room, []), null, room, component, outputs);
        Own.Partial = true;
    }

    /// <summary>The list for a new moderator; with <paramref name="bounded"/> its latest entries.</summary>
    public void Tell(Occupant moderator, bool bounded, Room room, string component, RoomOutputs outputs)
    {
        var text = bounded ? Whole(removed: false, room) ?? Text(removed: false, room, [(media, Recent())]) : Text(removed: false, room, Lists());
        room.SendEvent(moderator, component, text, outputs);
    }

    private IEnumerable<(string Media, IReadOnlyList<string> Jids)> Lists() => all.Select(pair => (pair.Key, (IReadOnlyList<string>)pair.Value.Allowed));

    private string? Whole(bool removed, Room room)
    {
        if (all.Values.Sum(state => (long)state.Allowed.Count) * room.ClientJid.Length > SignallingLimits.WhitelistOctets) return null;
        var text = Text(removed, room, Lists());
        return Encoding.UTF8.GetByteCount(text) <= SignallingLimits.WhitelistOctets ? text : null;
    }

    private List<string> Recent()
    {
        var octets = SignallingLimits.WhitelistOctets / 2;
        return [.. Own.Allowed.AsEnumerable().Reverse().TakeWhile(jid => (octets -= Encoding.UTF8.GetByteCount(jid) + 3) >= 0).Reverse()];
    }

    private string Text(bool removed, Room room, IEnumerable<(string Media, IReadOnlyList<string> Jids)> lists)
    {
        var own = media;
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "av_moderation");
            writer.WriteString("room", room.ClientJid);
            writer.WriteStartObject("whitelists");
            foreach (var (name, jids) in lists)
            {
                if (jids.Count == 0) continue;
                writer.WriteStartArray(name);
                foreach (var jid in jids) writer.WriteStringValue(jid);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
            if (removed) writer.WriteBoolean("removed", true);
            writer.WriteString("mediaType", own);
            writer.WriteEndObject();
        });
    }

    private void ToFocus(bool removed, Room room, string component, RoomOutputs outputs)
    {
        var services = room.Occupants.Where(occupant => occupant.IsModerator && occupant.Session.IsService).ToList();
        if (services.Count > 0) room.SendEvent(services, component, Text(removed, room, Lists()), outputs);
    }

    private static void ToClients(string text, Occupant? except, Room room, string component, RoomOutputs outputs) =>
        room.SendEvent(room.Occupants.Where(occupant => occupant.IsModerator && !occupant.Session.IsService && occupant != except), component, text, outputs);
}
