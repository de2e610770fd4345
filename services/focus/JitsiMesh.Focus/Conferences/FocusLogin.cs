using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>Login requests that need no conference: the login URL, and logouts.</summary>
public static class FocusLogin
{
    /// <summary>True for a request to end a login.</summary>
    public static bool IsLogout(XmppElement stanza) => Stanzas.IsRequest(stanza) && stanza.Child("logout", Namespaces.Focus) is not null;

    /// <param name="iq">The request.</param>
    /// <param name="options">The policy.</param>
    /// <param name="ended">The login that a logout ended; null if there was none.</param>
    /// <returns>The answer, or null for a stanza that is not a login request.</returns>
    public static XmppElement? TryAnswer(XmppElement iq, FocusOptions options, SessionTicket? ended)
    {
        if (!Stanzas.IsRequest(iq)) return null;
        if (IsLogout(iq)) return ended is null ? Stanzas.Error(iq, ConferenceAdmission.SessionInvalid) : Stanzas.Result(iq, new XmppElement("logout", Namespaces.Focus));
        return iq.Child("login-url", Namespaces.Focus) is { } asked ? LoginUrl(iq, asked, options) : null;
    }

    private static XmppElement LoginUrl(XmppElement iq, XmppElement asked, FocusOptions options)
    {
        if (!options.AuthenticationRequired) return Stanzas.Error(iq, StanzaError.ServiceUnavailable);
        if (!Jid.TryParse(asked["room"], out var room) || room.Local is null) return Stanzas.Error(iq, StanzaError.NotAcceptable);
        if (string.IsNullOrWhiteSpace(asked["machine-uid"])) return Stanzas.Error(iq, StanzaError.BadRequest);
        // Clients decode the URL as a form value. Clients with tokens of another system log in there and get no URL from the focus.
        var url = options.ExternalLogin is not null ? Uri.EscapeDataString(PageOf(options.ExternalLogin, room.Local))
            : options.ExternalAuthentication ? null
            : Uri.EscapeDataString($"./{room.Local}?login=true");
        return Stanzas.Result(iq, new XmppElement("login-url", Namespaces.Focus, ("url", url), ("room", asked["room"]), ("machine-uid", asked["machine-uid"])));
    }

    // The room of a tenant is [tenant]room in an address.
    private static string PageOf(string login, string local)
    {
        var close = local.StartsWith('[') ? local.IndexOf(']', StringComparison.Ordinal) : -1;
        return close > 0 ? $"{login}?room={Uri.EscapeDataString(local[(close + 1)..])}&tenant={Uri.EscapeDataString(local[1..close])}" : $"{login}?room={Uri.EscapeDataString(local)}";
    }
}
