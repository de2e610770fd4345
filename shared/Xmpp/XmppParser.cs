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

    /// <summary>More prefixes, or attributes with one, than <see cref="XmppLimits.Prefixes"/>.</summary>
    TooManyPrefixes,

    /// <summary>A namespace or a prefix beyond <see cref="XmppLimits.NamespaceCharacters"/> or <see cref="XmppLimits.PrefixCharacters"/>.</summary>
    NamespaceTooLong,

    /// <summary>
    /// An attribute with a prefix whose local name is <c>xmlns</c>: selectors of the form <c>[*|xmlns="…"]</c>, with which clients look for namespaces, take it for a declaration.
    /// </summary>
    ReservedName,
}

/// <summary>
/// Parses one stand-alone document: a WebSocket frame (RFC 7395 section 3.3) or the text of a stanza on the link. XML 1.0 (fifth edition)
/// with namespaces, in one pass over the text, without what XMPP forbids.
/// </summary>
public static class XmppParser
{
    public static bool TryParse(string text, out XmppElement element, out XmppParseError error) => TryParse(text, out element, out error, out _);

    /// <param name="text">The document.</param>
    /// <param name="element">What it holds; null where false is returned.</param>
    /// <param name="error">Why it was not taken.</param>
    /// <param name="growth">By how many octets of UTF-8 the element may be longer when written than <paramref name="text"/> is: never too small, and 0 for what clients send.</param>
    /// <param name="fromClient">Holds the document to the smaller bounds of a client's frame (<see cref="XmppLimits.ClientNodes"/>).</param>
    public static bool TryParse(string text, out XmppElement element, out XmppParseError error, out long growth, bool fromClient = false)
    {
        var reader = new XmppDocumentReader(text, fromClient);
        error = reader.Read(out var root);
        growth = reader.Growth;
        element = root!;
        return error == XmppParseError.None;
    }

    /// <summary>
    /// Parses and counts the steps that took: characters looked at, names compared. Hostile documents are held to the same steps an octet as any by the tests.
    /// </summary>
    internal static bool TryParse(string text, out XmppElement element, out XmppParseError error, out long growth, out long steps)
    {
        var reader = new XmppDocumentReader(text);
        error = reader.Read(out var root);
        growth = reader.Growth;
        steps = reader.Steps;
        element = root!;
        return error == XmppParseError.None;
    }

    /// <summary>Parses text that we wrote ourselves; bad text is our bug.</summary>
    /// <exception cref="FormatException">The text is not a well-formed element.</exception>
    public static XmppElement Parse(string text) =>
        TryParse(text, out var element, out var error) ? element : throw new FormatException($"Not an XMPP element: {error}.");
}
