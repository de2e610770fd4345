namespace JitsiMesh.Xmpp;

/// <summary>XML namespaces of the core protocol and of the extensions that a Jitsi client uses.</summary>
public static class Namespaces
{
    public const string Client = "jabber:client";
    public const string Framing = "urn:ietf:params:xml:ns:xmpp-framing";
    public const string HttpBind = "http://jabber.org/protocol/httpbind";
    public const string XmppBosh = "urn:xmpp:xbosh";
    public const string Streams = "http://etherx.jabber.org/streams";
    public const string StreamErrors = "urn:ietf:params:xml:ns:xmpp-streams";
    public const string StanzaErrors = "urn:ietf:params:xml:ns:xmpp-stanzas";
    public const string Sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    public const string Tls = "urn:ietf:params:xml:ns:xmpp-tls";
    public const string Bind = "urn:ietf:params:xml:ns:xmpp-bind";
    public const string Session = "urn:ietf:params:xml:ns:xmpp-session";
    public const string StreamManagement = "urn:xmpp:sm:3";
    public const string Roster = "jabber:iq:roster";
    public const string Ping = "urn:xmpp:ping";
    public const string DiscoInfo = "http://jabber.org/protocol/disco#info";
    public const string DiscoItems = "http://jabber.org/protocol/disco#items";
    public const string Caps = "http://jabber.org/protocol/caps";
    public const string Muc = "http://jabber.org/protocol/muc";
    public const string MucUser = "http://jabber.org/protocol/muc#user";
    public const string MucAdmin = "http://jabber.org/protocol/muc#admin";
    public const string MucOwner = "http://jabber.org/protocol/muc#owner";
    public const string MucRoomInfo = "http://jabber.org/protocol/muc#roominfo";
    public const string MucRoomConfig = "http://jabber.org/protocol/muc#roomconfig";
    public const string DataForm = "jabber:x:data";
    public const string Delay = "urn:xmpp:delay";
    public const string LegacyDelay = "jabber:x:delay";
    public const string Nick = "http://jabber.org/protocol/nick";
    public const string ExternalServices2 = "urn:xmpp:extdisco:2";
    public const string ExternalServices1 = "urn:xmpp:extdisco:1";
    public const string JitMeet = "http://jitsi.org/jitmeet";
    public const string Focus = "http://jitsi.org/protocol/focus";
    public const string Colibri = "http://jitsi.org/protocol/colibri";
    public const string Colibri2 = "jitsi:colibri2";
    /// <summary>The error code of docs/errors.md: an extension of this mesh, which other clients ignore.</summary>
    public const string Errors = "urn:jitsimesh:errors";
    public const string Hints = "urn:xmpp:hints";
    public const string Xml = "http://www.w3.org/XML/1998/namespace";
    public const string Xmlns = "http://www.w3.org/2000/xmlns/";
}
