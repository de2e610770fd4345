using System.Globalization;
using System.Text;
using System.Text.Json;
using JitsiMesh.Signalling.Muc;

namespace JitsiMesh.Signalling.Reservations;

/// <summary>Reads what the reservation system answers.</summary>
internal static class ReservationJson
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    /// <summary>
    /// A conference: <c>id</c>, <c>name</c> (the room), <c>mail_owner</c>, <c>start_time</c>, <c>duration</c> in seconds, and perhaps <c>max_occupants</c>, <c>lobby</c>, <c>password</c>.
    /// Anything else is an invalid response.
    /// </summary>
    public static ReservationReply ReadConference(ReadOnlySpan<byte> body, string room)
    {
        if (JsonText.TryObject(body) is not { } json) return ReservationReply.Invalid;
        if (!string.Equals(json.String("name"), room, StringComparison.OrdinalIgnoreCase) || IdOf(json["id"]) is not { } id || json["mail_owner"]?.Scalar is null) return ReservationReply.Invalid;
        if (!double.TryParse(json["duration"]?.Scalar, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || !double.IsFinite(seconds)) return ReservationReply.Invalid;
        if (!DateTimeOffset.TryParse(json.String("start_time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start) || start.Year is < 1971 or > 5000) return ReservationReply.Invalid;
        var maximum = 0;
        if (json["max_occupants"] is { Kind: not JsonValueKind.Null } most && (!int.TryParse(most.Scalar, NumberStyles.None, CultureInfo.InvariantCulture, out maximum) || maximum < 1)) return ReservationReply.Invalid;

        // A lock that cannot be taken over must not become an open door.
        var password = "";
        if (json["password"] is { Kind: not JsonValueKind.Null } secret && ((password = secret.Scalar ?? "").Length is 0 or > SignallingLimits.RoomPasswordLength || Clean(password) != password)) return ReservationReply.Invalid;
        return ReservationReply.Granted(id, start.ToUniversalTime() + TimeSpan.FromSeconds(Math.Clamp(seconds, -Longest.TotalSeconds, Longest.TotalSeconds))) with
        {
            MaximumOccupants = maximum,
            HasLobby = json["lobby"]?.IsTrue == true,
            Password = password,
        };
    }

    /// <summary>The id of the reservation that stands in the way, or null.</summary>
    public static string? ReadConflict(ReadOnlySpan<byte> body) => IdOf(JsonText.TryObject(body)?["conflict_id"]);

    /// <summary>Why it refuses, for people.</summary>
    public static string ReadMessage(ReadOnlySpan<byte> body) =>
        JsonText.TryObject(body)?.String("message") is { Length: > 0 } message ? Clean(PlainText.Shorten(message, SignallingLimits.ReasonLength)) : "Rejected by reservation server";

    // It becomes a part of a path.
    private static string? IdOf(UserJson? value) =>
        value is { Kind: JsonValueKind.String or JsonValueKind.Number, Text: { Length: > 0 and <= SignallingLimits.ReservationIdLength } text } && text is not ("." or "..") && Clean(text) == text ? text : null;

    // What XML cannot carry.
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c >= ' ' ? c < '\uFFFE' : c is '\t' or '\n' or '\r') clean.Append(c);
        }

        return clean.ToString();
    }
}
