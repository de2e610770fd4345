using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Whose words a relayed stanza carries.</summary>
public enum RelayedVoice
{
    /// <summary>Anybody: cleaned of all that clients take for the server's or a service's.</summary>
    Participant,

    /// <summary>A recorder or transcriber of the hidden domain: may also say what clients believe these.</summary>
    Hidden,

    /// <summary>focus and other services, accounts of the auth domain: passed on as it is, but for the room's own elements.</summary>
    Service,
}

/// <summary>
/// What of a client's stanza goes to other clients. Clients find much by a first descendant, a local name or a literal namespace and without looking at the sender; so what only the
/// server or a service says is taken out at any depth, and what the room itself adds stands first. The original is never changed: parts without a finding are shared.
/// </summary>
public static class RelayedContent
{
    private const string Visitors = "jitsi:visitors";
    private const string Jibri = "http://jitsi.org/protocol/jibri";
    private const string IgnoredLeave = "http://jitsi.org/jitmeet/";
    private const string MuteNamespace = "http://jitsi.org/jitmeet/";

    /// <summary>Namespaces in which a client hears the server, a room, a component or focus.</summary>
    private static readonly HashSet<string> ServerNamespaces = new(StringComparer.Ordinal)
    {
        // strophe.js ends its connection for an error in the first of these anywhere in a frame.
        Namespaces.Streams, Namespaces.StreamErrors, Namespaces.Framing, Namespaces.Sasl, Namespaces.Bind, Namespaces.Session, Namespaces.StreamManagement,
        Namespaces.Muc, Namespaces.MucUser, Namespaces.MucAdmin, Namespaces.MucOwner,
        Namespaces.Delay, Namespaces.LegacyDelay, "urn:xmpp:forward:0", "urn:xmpp:carbons:2", "urn:xmpp:mam:2", "urn:xmpp:occupant-id:0",
        Namespaces.ExternalServices1, Namespaces.ExternalServices2, "http://jabber.org/protocol/address", "http://jabber.org/protocol/httpbind",
        Namespaces.Focus, Namespaces.Colibri, "http://jitsi.org/protocol/display-name", Visitors, Jibri,
    };

    /// <summary>Elements of a presence that clients believe of focus, a gateway, an authority or the room. Some they read of anybody's.</summary>
    private static readonly HashSet<string> PresenceOfServices = new(StringComparer.Ordinal)
    {
        "bridgeNotAvailable", "call-control", "conference-properties", "etherpad", "identity", "jibri-recording-status", "jibri-sip-call-state", "permissions", "versions",
    };

    /// <summary>Elements of a presence that clients believe of the hidden domain.</summary>
    private static readonly HashSet<string> PresenceOfHidden = new(StringComparer.Ordinal) { "live-stream-view-url", "transcription-status" };

    /// <summary>Children of a message that clients read by their local name in any namespace: services of a host, delays, names, addresses and the subject are the server's.</summary>
    private static readonly HashSet<string> MessageOfServer = new(StringComparer.Ordinal)
    {
        "addresses", "delay", "display-name", "error", "nick", "query", "services", "settings-error", "subject", "translation-listeners",
    };

    /// <summary>Types of a <c>json-message</c> that rooms and components send; clients show some of them from any sender.</summary>
    private static readonly HashSet<string> JsonOfServer = new(StringComparer.Ordinal)
    {
        "av_moderation", "breakout_rooms", "conference_duration", "file-sharing", "lobby-notify", "old-polls", "polls", "room_metadata", "speakerstats", "system_chat_message", "visitors",
    };

    /// <summary>Types that the transcriber sends.</summary>
    private static readonly HashSet<string> JsonOfHidden = new(StringComparer.Ordinal) { "transcription-result", "translation-result" };

    /// <summary>A presence without its addresses and without what is the room's to say, as it is kept of an occupant or sent when it leaves.</summary>
    public static XmppElement Presence(XmppElement presence, RelayedVoice voice)
    {
        var copy = Clean(presence, element => IsServersPresence(element, voice)).ShallowClone();
        foreach (var name in (string[])["to", "from", "type", "id"]) copy[name] = null;
        return copy;
    }

    /// <summary>A message without what is the server's to say; the addresses stay.</summary>
    public static XmppElement Message(XmppElement message, RelayedVoice voice)
    {
        if (voice == RelayedVoice.Service) return WithoutRoom(message).ShallowClone();
        var copy = Clean(message, IsServersInMessage).ShallowClone();
        copy.RemoveChildren(IsServersChildOfMessage);
        return copy;
    }

    /// <summary>
    /// An IQ between occupants without what is the server's to say. Null for a request that said nothing else: it is refused.
    /// </summary>
    /// <param name="iq">A request, a result or an error.</param>
    /// <param name="voice">Who sends it.</param>
    /// <param name="toService">A service reads it, which looks at the sender.</param>
    public static XmppElement? Iq(XmppElement iq, RelayedVoice voice, bool toService)
    {
        if (voice == RelayedVoice.Service || toService) return WithoutRoom(iq).ShallowClone();
        if (Stanzas.IsRequest(iq) && iq.Elements.Any(IsServersRequest)) return null;
        return Clean(iq, IsServers).ShallowClone();
    }

    /// <summary>
    /// Why the JSON of a message is not passed on, or null: it cannot be read, there is more than one, or it is of a type that only the server or the transcriber sends. Clients
    /// unescape XML's entities once more before they read it, and what they would read then counts too.
    /// </summary>
    /// <param name="message">The message as it would be passed on.</param>
    /// <param name="voice">Who sends it.</param>
    /// <param name="json">What its <c>json-message</c> says; null where it has none.</param>
    public static StanzaError? RefuseJson(XmppElement message, RelayedVoice voice, out UserJson? json)
    {
        json = null;
        foreach (var child in message.Elements)
        {
            if (child.Name != "json-message") continue;
            // A client takes the text of all descendants together, and the first of several elements.
            var read = child.Elements.Any() || json is not null ? null : JsonText.TryObject(child.Text);
            if (voice == RelayedVoice.Service)
            {
                json ??= read;
                continue;
            }

            if ((json = read) is null) return Unreadable;
            if (IsReserved(json, voice)) return Reserved;
            if (!child.Text.Contains('&')) continue;
            if (JsonText.TryObject(Unescape(child.Text)) is not { } unescaped) return Unreadable;
            if (IsReserved(unescaped, voice)) return Reserved;
        }

        return null;
    }

    /// <summary>The element's text alone, in an element of the server's own.</summary>
    public static XmppElement Text(XmppElement element, string ns) => new XmppElement(element.Name, ns).AddText(element.Text);

    private static StanzaError Unreadable => StanzaError.BadRequest.WithText("The JSON cannot be read");

    private static StanzaError Reserved => StanzaError.Forbidden.WithText("Only the server sends this");

    private static bool IsReserved(UserJson json, RelayedVoice voice) =>
        json.String("type") is { } type && (JsonOfServer.Contains(type) || (voice != RelayedVoice.Hidden && JsonOfHidden.Contains(type)));

    // What lodash's unescape does, through which lib-jitsi-meet reads JSON.
    private static string Unescape(string text) => text
        .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("&quot;", "\"", StringComparison.Ordinal)
        .Replace("&#39;", "'", StringComparison.Ordinal).Replace("&#96;", "`", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal);

    private static bool IsServers(XmppElement element) =>
        ServerNamespaces.Contains(element.Namespace) || (element.Name == "stanza-id" && element.Namespace == "urn:xmpp:sid:0");

    // Services may be asked by an IQ between clients, never be announced by a message or a presence.
    private static bool IsServersInMessage(XmppElement element) => IsServers(element) || element.Namespace is Namespaces.DiscoInfo or Namespaces.DiscoItems;

    private static bool IsServersChildOfMessage(XmppElement child) =>
        MessageOfServer.Contains(child.Name) || (child.Name == "body" && child.Namespace != Namespaces.Client);

    private static bool IsServersPresence(XmppElement element, RelayedVoice voice)
    {
        if (voice == RelayedVoice.Service) return element.Namespace is Namespaces.Muc or Namespaces.MucUser;
        if (IsServersInMessage(element) || PresenceOfServices.Contains(element.Name) || (element.Name == "ignore" && element.Namespace == IgnoredLeave)) return true;
        return voice != RelayedVoice.Hidden && PresenceOfHidden.Contains(element.Name);
    }

    // Mute requests go to focus, and come from it.
    private static bool IsServersRequest(XmppElement payload) =>
        IsServers(payload) || (payload.Name == "mute" && payload.Namespace.StartsWith(MuteNamespace, StringComparison.Ordinal));

    private static XmppElement WithoutRoom(XmppElement stanza) =>
        Clean(stanza, element => element.Namespace is Namespaces.Muc or Namespaces.MucUser);

    /// <summary>The element without the descendants that match: itself where there is none, else a copy of the path to each.</summary>
    private static XmppElement Clean(XmppElement element, Func<XmppElement, bool> isServers)
    {
        var nodes = element.Nodes;
        XmppElement? copy = null;
        for (var i = 0; i < nodes.Count; i++)
        {
            var child = nodes[i] as XmppElement;
            var kept = child is null || isServers(child) ? null : Clean(child, isServers);
            if (copy is null && !ReferenceEquals(kept, child)) copy = Beginning(element, i);
            if (copy is null) continue;
            if (kept is not null) copy.Add(kept);
            else if (nodes[i] is string text) copy.AddText(text);
        }

        return copy ?? element;
    }

    private static XmppElement Beginning(XmppElement element, int nodes)
    {
        var copy = new XmppElement(element.Name, element.Namespace);
        foreach (var attribute in element.Attributes) copy.Set(attribute.Name, attribute.Value, attribute.Namespace);
        foreach (var node in element.Nodes.Take(nodes))
        {
            if (node is string text) copy.AddText(text);
            else copy.Add((XmppElement)node);
        }

        return copy;
    }
}
