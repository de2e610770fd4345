using System.Globalization;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>A client's request for a conference. The client joins the room only when the conference is ready.</summary>
/// <param name="Room">The bare JID of the room.</param>
/// <param name="StartAudioMuted">Participants beyond this number start muted; null when the request does not set it.</param>
public sealed record ConferenceRequest(string Room, int? StartAudioMuted, int? StartVideoMuted)
{
    /// <summary>True for an IQ that requests a conference, well-formed or not.</summary>
    public static bool Is(XmppElement stanza) => stanza.Name == "iq" && stanza["type"] is "set" or "get" && stanza.Child("conference", Namespaces.Focus) is not null;

    public static bool TryParse(XmppElement iq, out ConferenceRequest request)
    {
        request = null!;
        // The room is split at the last '@'; an additional '@' is refused.
        if (iq.Child("conference", Namespaces.Focus) is not { } conference
            || conference["room"] is not { } text
            || text.IndexOf('@', StringComparison.Ordinal) != text.LastIndexOf('@')
            || !Jid.TryParse(text, out var room) || room.Local is null || room.Resource is not null) return false;
        request = new ConferenceRequest(room.ToString(), Number(conference, "startAudioMuted"), Number(conference, "startVideoMuted"));
        return true;
    }

    /// <summary>The answer. A temporary failure must not be an error, because clients stop trying after any error: it is <c>ready=false</c>.</summary>
    public static XmppElement Answer(WaitingRequest request, string room, bool ready, FocusOptions options)
    {
        var conference = new XmppElement("conference", Namespaces.Focus, ("room", room), ("ready", ready ? "true" : "false"), ("focusjid", options.BareAddress),
            ("session-id", request.SessionId), ("identity", request.Identity));
        conference.Add(
            Property("authentication", options.AuthenticationRequired ? "true" : "false"),
            options.AuthenticationRequired ? Property("externalAuth", options.ExternalAuthentication ? "true" : "false") : null,
            options.SipGatewayEnabled ? Property("sipGatewayEnabled", "true") : null,
            Property("visitors-supported", "false"));
        return Stanzas.Iq("result", request.Id, request.From, conference, request.To);
    }

    private static XmppElement Property(string name, string value) => new("property", Namespaces.Focus, ("name", name), ("value", value));

    private static int? Number(XmppElement conference, string name) =>
        conference.Children("property", Namespaces.Focus).FirstOrDefault(property => property["name"] == name)?["value"] is { } text
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
