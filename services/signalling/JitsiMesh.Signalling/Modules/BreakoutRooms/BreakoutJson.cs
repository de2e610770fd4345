using System.Text.Json;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Modules.BreakoutRooms;

/// <summary>The events of the component, as clients read them.</summary>
internal static class BreakoutJson
{
    private const string Feature = "features/breakout-rooms";

    /// <summary>All rooms of the group and the people in them. Services and hidden sessions are left out.</summary>
    public static string Update(Room main, BreakoutGroup group) => JsonText.Write(writer =>
    {
        Begin(writer, "update");
        writer.WriteNumber("roomCounter", group.Counter);
        writer.WriteStartObject("rooms");
        var at = main.ClientJid.IndexOf('@', StringComparison.Ordinal);
        BeginRoom(writer, main.ClientJid[..at], main.ClientJid, main.Configuration.Subject ?? "");
        writer.WriteBoolean("isMainRoom", true);
        writer.WriteStartObject("participants");
        foreach (var occupant in main.Occupants)
        {
            if (IsPerson(main, occupant)) Write(writer, main.OccupantJid(occupant), occupant.Session.FullJid, PersonOf(occupant));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        foreach (var (jid, room) in group.Rooms)
        {
            if (!room.IsOpen) continue;
            BeginRoom(writer, jid[..jid.IndexOf('@', StringComparison.Ordinal)], jid, room.Subject);
            writer.WriteStartObject("participants");
            foreach (var (fullJid, person) in room.People) Write(writer, $"{jid}/{person.Nick}", fullJid, person);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>Asks a client to go to a room.</summary>
    public static string Move(string room) => JsonText.Write(writer =>
    {
        Begin(writer, "move-to-room");
        writer.WriteString("roomJid", room);
        writer.WriteEndObject();
    });

    public static bool IsPerson(Room room, Occupant occupant) => !room.IsAdmin(occupant.Session) && !room.IsHidden(occupant.Session);

    public static BreakoutPerson PersonOf(Occupant occupant) => new(occupant.Nick, occupant.Role, occupant.DisplayName);

    private static void Begin(Utf8JsonWriter writer, string happened)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "breakout_rooms");
        writer.WriteString("event", $"{Feature}/{happened}");
    }

    private static void BeginRoom(Utf8JsonWriter writer, string id, string jid, string name)
    {
        writer.WriteStartObject(id);
        writer.WriteString("id", id);
        writer.WriteString("jid", jid);
        writer.WriteString("name", name);
    }

    private static void Write(Utf8JsonWriter writer, string occupant, string fullJid, BreakoutPerson person)
    {
        writer.WriteStartObject(occupant);
        writer.WriteString("jid", fullJid);
        writer.WriteString("role", person.Role);
        if (person.Name is not null) writer.WriteString("displayName", person.Name);
        writer.WriteEndObject();
    }
}
