using System.Globalization;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Reservations;

/// <summary>What the reservation system says of a room, and the stanza that brings it there.</summary>
public sealed record ReservationReply
{
    public const string Namespace = "urn:jitsimesh:reservation";
    public const string Element = "reservation";

    /// <summary>The local part of its sender's address, in the auth domain.</summary>
    public const string Sender = "reservations";

    public static readonly ReservationReply TimedOut = Refused(500, "Reservation lookup timed out", "timeout");
    public static readonly ReservationReply Unreachable = Refused(500, "Could not contact reservation server", "unreachable");
    public static readonly ReservationReply Invalid = Refused(500, "Invalid response from reservation server", "invalid");
    public static readonly ReservationReply InvalidConflict = Refused(409, "Invalid response from reservation server", "invalid");
    public static readonly ReservationReply Expired = Refused(419, "Reservation expired", "expired");

    public bool IsGranted { get; private init; }

    public string Id { get; private init; } = "";

    public DateTimeOffset Ends { get; private init; }

    public int MaximumOccupants { get; init; }

    /// <summary>Empty for none.</summary>
    public string Password { get; init; } = "";

    public bool HasLobby { get; init; }

    /// <summary>Of a refusal: the <c>error-code</c> that clients show.</summary>
    public int Code { get; private init; }

    public string Text { get; private init; } = "";

    /// <summary>For the counter: one of few words.</summary>
    public string Outcome { get; private init; } = "";

    public static ReservationReply Granted(string id, DateTimeOffset ends) => new() { IsGranted = true, Id = id, Ends = ends, Outcome = "granted" };

    public static ReservationReply Refused(int code, string text, string outcome) => new() { Code = code, Text = text, Outcome = outcome };

    /// <summary>The IQ error that clients read a reservation's refusal from.</summary>
    public StanzaError ToError() => StanzaError.ServiceUnavailable with
    {
        Text = Text,
        Application = new XmppElement("reservation-error", Namespaces.Focus, ("error-code", Code.ToString(CultureInfo.InvariantCulture))),
    };

    public XmppElement ToElement(string attempt) => IsGranted
        ? new XmppElement(Element, Namespace, ("attempt", attempt), ("id", Id), ("ends", Number(Ends.ToUnixTimeMilliseconds())), ("max", Number(MaximumOccupants)), ("lobby", HasLobby ? "1" : null), ("password", Password.Length > 0 ? Password : null))
        : new XmppElement(Element, Namespace, ("attempt", attempt), ("code", Number(Code)), ("text", Text));

    /// <summary>What <see cref="ToElement"/> wrote; anything else is a refusal.</summary>
    public static ReservationReply FromElement(XmppElement element)
    {
        if (element["id"] is { Length: > 0 } id && long.TryParse(element["ends"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ends))
        {
            return Granted(id, DateTimeOffset.FromUnixTimeMilliseconds(ends)) with
            {
                MaximumOccupants = int.TryParse(element["max"], NumberStyles.None, CultureInfo.InvariantCulture, out var maximum) ? maximum : 0,
                HasLobby = element["lobby"] == "1",
                Password = element["password"] ?? "",
            };
        }

        return int.TryParse(element["code"], NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? Refused(code, element["text"] ?? "", "refused") : Invalid;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public override string ToString() => Outcome;
}
