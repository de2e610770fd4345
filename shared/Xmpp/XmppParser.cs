using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>Why a frame was not taken as XMPP (RFC 6120 section 4.9.3: the condition to send back).</summary>
public enum XmppParseError
{
    None,
    NotWellFormed,

    /// <summary>Comments, processing instructions, DTDs and references to entities other than the five are forbidden (RFC 6120 section 11.1).</summary>
    RestrictedXml,
    TooDeep,
    TooManyNodes,
}

/// <summary>
/// Parses one stand-alone document: a WebSocket frame (RFC 7395 section 3.3) or the text of a stanza on the link. XML 1.0 (fifth edition)
/// with namespaces, in one pass over the text, without what XMPP forbids.
/// </summary>
public static class XmppParser
{
    public static bool TryParse(string text, out XmppElement element, out XmppParseError error)
    {
        var reader = new XmppDocumentReader(text);
        error = reader.Read(out var root);
        element = root!;
        return error == XmppParseError.None;
    }

    /// <summary>Parses text that we wrote ourselves; bad text is our bug.</summary>
    /// <exception cref="FormatException">The text is not a well-formed element.</exception>
    public static XmppElement Parse(string text) =>
        TryParse(text, out var element, out var error) ? element : throw new FormatException($"Not an XMPP element: {error}.");
}
