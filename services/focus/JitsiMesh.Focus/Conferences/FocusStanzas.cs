using System.Globalization;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Conferences;

/// <summary>The stanzas that the focus sends to the room itself.</summary>
internal sealed class FocusStanzas(FocusOptions options)
{
    private const string RoomConfig = "http://jabber.org/protocol/muc#roomconfig";

    public XmppElement Join(string room) => Presence(room).Add(new XmppElement("x", Namespaces.Muc));

    public XmppElement Leave(string room)
    {
        var presence = Presence(room);
        presence["type"] = "unavailable";
        return presence;
    }

    /// <summary>The complete presence of the focus; each update replaces the previous one.</summary>
    public XmppElement Status(ConferenceCore core)
    {
        // The meeting's id is unguessable and the same on each node.
        var name = options.RandomDocumentName ? core.MeetingId.Replace("-", "", StringComparison.Ordinal) : core.Room[..core.Room.IndexOf('@', StringComparison.Ordinal)];
        var properties = new XmppElement("conference-properties", Namespaces.Focus).Add(
            Property("support-terminate-restart", "true"),
            Property("bridge-count", core.BridgeSessions.Count(session => session.Created).ToString(CultureInfo.InvariantCulture)));
        if (core.AudioLimitReached) properties.Add(Property("audio-limit-reached", "true"));
        if (core.VideoLimitReached) properties.Add(Property("video-limit-reached", "true"));
        return Presence(core.Room).Add(
            new XmppElement("etherpad", "http://jitsi.org/jitmeet/etherpad").AddText(name),
            new XmppElement("versions", Namespaces.JitMeet).Add(new XmppElement("component", Namespaces.JitMeet, ("name", "focus")).AddText(options.Version)),
            properties,
            core.BridgeNotAvailable ? new XmppElement("bridgeNotAvailable", Namespaces.Focus) : null);
    }

    public static XmppElement GetConfiguration() => new("query", Namespaces.MucOwner);

    /// <summary>All occupants see real JIDs: clients recognise the focus only by its real JID.</summary>
    public static XmppElement SubmitConfiguration()
    {
        var form = new XmppElement("x", Namespaces.DataForm, ("type", "submit")).Add(
            Field("FORM_TYPE", RoomConfig),
            Field("muc#roomconfig_whois", "anyone"));
        return new XmppElement("query", Namespaces.MucOwner).Add(form);
    }

    public static XmppElement GrantOwner(string bareJid) =>
        new XmppElement("query", Namespaces.MucAdmin).Add(new XmppElement("item", Namespaces.MucAdmin, ("affiliation", "owner"), ("jid", bareJid)));

    /// <summary>The value of a field of the room's configuration form, or null.</summary>
    public static string? ReadField(XmppElement iq, string name) =>
        iq.Child("query", Namespaces.MucOwner)?.Child("x", Namespaces.DataForm)?.Children("field").FirstOrDefault(field => field["var"] == name)?.Child("value")?.Text;

    private XmppElement Presence(string room) => Stanzas.Presence(null, $"{room}/{FocusOptions.Nick}", options.FullAddress);

    private static XmppElement Property(string key, string value) => new("property", Namespaces.Focus, ("key", key), ("value", value));

    private static XmppElement Field(string name, string value) =>
        new XmppElement("field", Namespaces.DataForm, ("var", name)).Add(new XmppElement("value", Namespaces.DataForm).AddText(value));
}
