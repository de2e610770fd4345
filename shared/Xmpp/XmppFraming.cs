namespace JitsiMesh.Xmpp;

/// <summary>The stream header of RFC 7395 as a client sends it.</summary>
/// <param name="To">The host that the client wants, unprepared.</param>
/// <param name="Version">The XMPP version; 1.0 for every client that is still about.</param>
public sealed record FramingOpen(string To, string? Version);

/// <summary>
/// The framing elements of XMPP over WebSocket (RFC 7395 section 3.3). They are written literally: strophe.js looks for the first
/// characters <c>&lt;open </c>, and takes a server's close only in exactly one spelling.
/// </summary>
public static class XmppFraming
{
    /// <summary>COMPAT(strophe.js): a close of the server is compared with this text, the blank included.</summary>
    public const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";

    public static string Open(string from, string id)
    {
        var open = new XmppElement("open", Namespaces.Framing, ("from", from), ("id", id), ("version", "1.0"));
        open.Set("lang", "en", Namespaces.Xml);
        return XmppSerializer.Write(open);
    }

    public static bool IsOpen(XmppElement element) => element.Name == "open" && element.Namespace == Namespaces.Framing;

    public static bool IsClose(XmppElement element) => element.Name == "close" && element.Namespace == Namespaces.Framing;

    public static bool TryReadOpen(XmppElement element, out FramingOpen open)
    {
        open = null!;
        if (!IsOpen(element) || element["to"] is not { Length: > 0 } to) return false;
        open = new FramingOpen(to, element["version"]);
        return true;
    }

    /// <summary>A stream error (RFC 6120 section 4.9): the stream ends after it.</summary>
    /// <param name="condition">The condition's element name (section 4.9.3), for instance <c>policy-violation</c>.</param>
    /// <param name="text">A text for people, or null.</param>
    public static XmppElement StreamError(string condition, string? text = null)
    {
        var error = new XmppElement("error", Namespaces.Streams).Add(new XmppElement(condition, Namespaces.StreamErrors));
        if (text is not null) error.Add(new XmppElement("text", Namespaces.StreamErrors).AddText(text));
        return error;
    }
}
