using System.Globalization;
using System.Text.Json;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Modules.RoomEvents;

/// <summary>What events say (docs/webhooks.md). Fields are only ever added.</summary>
internal static class RoomEventJson
{
    public static Action<Utf8JsonWriter> Created(Room room, RoomLife life) => writer =>
    {
        WriteRoom(writer, room);
        writer.WriteString("created_at", Time(life.Began));
    };

    public static Action<Utf8JsonWriter> Ended(Room room, RoomLife life, MeshInstant now) => writer =>
    {
        WriteRoom(writer, room);
        writer.WriteString("created_at", Time(life.Began));
        writer.WriteString("ended_at", Time(now.Utc));
        WriteDuration(writer, life.Began, now);
        writer.WriteNumber("peak_participants", life.Peak);
    };

    public static Action<Utf8JsonWriter> Joined(Room room, Occupant occupant) => writer =>
    {
        WriteRoom(writer, room);
        WriteParticipant(writer, room, occupant);
    };

    public static Action<Utf8JsonWriter> Left(Room room, Occupant occupant, MeshInstant now) => writer =>
    {
        WriteRoom(writer, room);
        WriteParticipant(writer, room, occupant);
        writer.WriteString("reason", Word(occupant.LeftBecause));
        WriteDuration(writer, occupant.JoinedMilliseconds, now);
    };

    /// <summary>RFC 3339, in UTC with milliseconds.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Time(long milliseconds) => Time(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

    private static string Word(LeaveReason reason) => reason switch
    {
        LeaveReason.Kicked => "kicked",
        LeaveReason.TimedOut => "timed-out",
        LeaveReason.RoomEnded => "room-ended",
        _ => "left",
    };

    // In whole seconds. A clock that was set back does not make it negative.
    private static void WriteDuration(Utf8JsonWriter writer, long from, MeshInstant to) => writer.WriteNumber("duration", Math.Max(0, to.Utc.ToUnixTimeMilliseconds() - from) / 1000);

    private static void WriteRoom(Utf8JsonWriter writer, Room room)
    {
        var local = room.Address.Local ?? "";
        var close = local.Length > 0 && local[0] == '[' ? local.IndexOf(']', StringComparison.Ordinal) : -1;
        writer.WriteStartObject("room");
        writer.WriteString("name", local[(close + 1)..]);
        writer.WriteString("tenant", close > 0 ? local[1..close] : null);
        writer.WriteString("jid", room.Jid);
        writer.WriteString("meeting_id", room.Configuration.MeetingId);
        writer.WriteEndObject();
    }

    private static void WriteParticipant(Utf8JsonWriter writer, Room room, Occupant occupant)
    {
        writer.WriteStartObject("participant");
        writer.WriteString("id", occupant.Nick);
        writer.WriteString("jid", $"{room.Jid}/{occupant.Nick}");
        writer.WriteString("display_name", occupant.DisplayName);
        writer.WriteString("user_id", UserId(occupant));
        writer.WriteBoolean("moderator", occupant.IsModerator);
        writer.WriteString("joined_at", Time(occupant.JoinedMilliseconds));
        writer.WriteEndObject();
    }

    /// <summary>Who an authority says it is: the id of a token's user or of a directory's entry, else the account; null for a guest.</summary>
    private static string? UserId(Occupant occupant)
    {
        var context = occupant.Session.Context;
        var said = context.UserContext is { } user ? JsonText.TryObject(user)?["id"]?.Scalar : null;
        return (string.IsNullOrEmpty(said) ? context.Identity : said) is { } id ? PlainText.Shorten(id, SignallingLimits.RoomEventUserIdLength) : null;
    }
}
