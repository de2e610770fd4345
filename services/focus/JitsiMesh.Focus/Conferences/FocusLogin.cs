using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The requests about logins, which need no conference: where to log in, and that a login is over.</summary>
public static class FocusLogin
{
    private static readonly StanzaError SessionInvalid = StanzaError.NotAcceptable with { Application = new XmppElement("session-invalid", Namespaces.Focus) };

    /// <returns>The answer, or null for a stanza that is about something else.</returns>
    public static XmppElement? TryAnswer(XmppElement iq, FocusOptions options, MonotonicTime now)
    {
        if (!Stanzas.IsRequest(iq)) return null;
        if (iq.Child("logout", Namespaces.Focus) is { } logout)
        {
            // The client forgets its own; nobody else keeps it.
            return options.Tickets.Check(logout["session-id"] ?? "", machine: null, now, out _) == TicketCheck.Invalid
                ? Stanzas.Error(iq, SessionInvalid)
                : Stanzas.Result(iq, new XmppElement("logout", Namespaces.Focus));
        }

        return iq.Child("login-url", Namespaces.Focus) is { } asked ? LoginUrl(iq, asked, options) : null;
    }

    private static XmppElement LoginUrl(XmppElement iq, XmppElement asked, FocusOptions options)
    {
        if (!options.AuthenticationRequired) return Stanzas.Error(iq, StanzaError.ServiceUnavailable);
        if (!Jid.TryParse(asked["room"], out var room) || room.Local is null) return Stanzas.Error(iq, StanzaError.NotAcceptable);
        if (string.IsNullOrWhiteSpace(asked["machine-uid"])) return Stanzas.Error(iq, StanzaError.BadRequest);
        // Clients decode it as a form's value. Who has a token logs in elsewhere, and is not told where.
        var url = options.ExternalAuthentication ? null : Uri.EscapeDataString($"./{room.Local}?login=true");
        return Stanzas.Result(iq, new XmppElement("login-url", Namespaces.Focus, ("url", url), ("room", asked["room"]), ("machine-uid", asked["machine-uid"])));
    }
}
