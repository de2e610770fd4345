namespace JitsiMesh.Xmpp;

/// <summary>Builds the three stanza kinds and their replies (RFC 6120 section 8).</summary>
public static class Stanzas
{
    public static XmppElement Iq(string type, string id, string? to, XmppElement? payload = null, string? from = null) =>
        new XmppElement("iq", Namespaces.Client, ("type", type), ("id", id), ("to", to), ("from", from)).Add([payload]);

    public static XmppElement Message(string? type, string? to, string? from = null) =>
        new("message", Namespaces.Client, ("type", type), ("to", to), ("from", from));

    public static XmppElement Presence(string? type, string? to, string? from = null) =>
        new("presence", Namespaces.Client, ("type", type), ("to", to), ("from", from));

    /// <summary>The result of an IQ: addresses swapped, id kept.</summary>
    public static XmppElement Result(XmppElement iq, XmppElement? payload = null) => Iq("result", iq["id"] ?? "", iq["from"], payload, iq["to"]);

    /// <summary>The error for a stanza: addresses swapped, id kept (RFC 6120 section 8.3.1). The payload is not repeated; no client reads it.</summary>
    public static XmppElement Error(XmppElement stanza, StanzaError error)
    {
        var reply = new XmppElement(stanza.Name, Namespaces.Client, ("type", "error"), ("id", stanza["id"]), ("to", stanza["from"]), ("from", stanza["to"]));
        return reply.Add(error.ToElement());
    }

    /// <summary>True for an IQ that must be answered: type get or set.</summary>
    public static bool IsRequest(XmppElement stanza) => stanza.Name == "iq" && stanza["type"] is "get" or "set";
}
