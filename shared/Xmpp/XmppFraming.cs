namespace JitsiMesh.Xmpp;

/// <summary>The stream header of RFC 7395 as a client sends it.</summary>
/// <param name="To">The host that the client requests, unprepared.</param>
/// <param name="Version">The XMPP version; 1.0 for every current client.</param>
public sealed record FramingOpen(string To, string? Version);

/// <summary>
/// The start and end of streams. The framing elements of XMPP over WebSocket (RFC 7395 section 3.3) are written literally: strophe.js looks for the first
/// characters <c>&lt;open </c>, and accepts a server's close only in one exact spelling.
/// </summary>
public static class XmppFraming
{
    /// <summary>COMPAT(strophe.js): a server's close is compared with this text, including the space.</summary>
    public const string Close = "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />";

    /// <summary>The end tag of a stream over TCP (RFC 6120 section 4.4).</summary>
    public const string StreamEnd = "</stream:stream>";

    /// <summary>The start tag of a server's stream over TCP, with the XML declaration (RFC 6120 sections 4.7 and 11.5).</summary>
    public static string StreamStart(string from, string id) =>
        $"<?xml version='1.0'?><stream:stream xmlns='{Namespaces.Client}' xmlns:stream='{Namespaces.Streams}' from=\"{XmppSerializer.EscapeAttribute(from)}\" id=\"{XmppSerializer.EscapeAttribute(id)}\" version='1.0' xml:lang='en'>";

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
    /// <param name="text">A human-readable text, or null.</param>
    public static XmppElement StreamError(string condition, string? text = null)
    {
        var error = new XmppElement("error", Namespaces.Streams).Add(new XmppElement(condition, Namespaces.StreamErrors));
        if (text is not null) error.Add(new XmppElement("text", Namespaces.StreamErrors).AddText(text));
        return error;
    }
}
