using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>Why a frame was rejected (RFC 6120 section 4.9.3: the condition to send back).</summary>
public enum XmppParseError
{
    None,
    NotWellFormed,

    /// <summary>Comments, processing instructions, DTDs and references to entities other than the five are forbidden (RFC 6120 section 11.1).</summary>
    RestrictedXml,
    TooDeep,
    TooManyNodes,

    /// <summary>More prefixes, or prefixed attributes, than <see cref="XmppLimits.Prefixes"/>.</summary>
    TooManyPrefixes,

    /// <summary>A namespace or a prefix beyond <see cref="XmppLimits.NamespaceCharacters"/> or <see cref="XmppLimits.PrefixCharacters"/>.</summary>
    NamespaceTooLong,

    /// <summary>
    /// A prefixed attribute with the local name <c>xmlns</c>: clients look for namespaces with selectors of the form <c>[*|xmlns="…"]</c>, which match such an attribute like a declaration.
    /// </summary>
    ReservedName,

    /// <summary>A part of a stream is longer than its reader allows.</summary>
    TooLong,

    /// <summary>Not UTF-8, or declared with another encoding (RFC 6120 section 11.6).</summary>
    UnsupportedEncoding,
}

/// <summary>
/// Parses one stand-alone document: a WebSocket frame (RFC 7395 section 3.3) or the text of a stanza on the link. XML 1.0 (fifth edition)
/// with namespaces, in one pass over the text, rejecting what XMPP forbids.
/// </summary>
public static class XmppParser
{
    public static bool TryParse(string text, out XmppElement element, out XmppParseError error) => TryParse(text, out element, out error, out _);

    /// <param name="text">The document.</param>
    /// <param name="element">The root element; null where false is returned.</param>
    /// <param name="error">Why it was rejected.</param>
    /// <param name="growth">The octets of UTF-8 by which the written element may be longer than <paramref name="text"/>: never too small, and 0 for the XML that clients send.</param>
    /// <param name="fromClient">Applies the lower limits of a client's frame (<see cref="XmppLimits.ClientNodes"/>).</param>
    public static bool TryParse(string text, out XmppElement element, out XmppParseError error, out long growth, bool fromClient = false)
    {
        var reader = new XmppDocumentReader(text, fromClient);
        error = reader.Read(out var root);
        growth = reader.Growth;
        element = root!;
        return error == XmppParseError.None;
    }

    /// <summary>Parses an element of a stream over TCP, with the declarations of the stream header in scope.</summary>
    internal static bool TryParse(string text, XmppStreamHeader header, out XmppElement element, out XmppParseError error, out long growth)
    {
        var reader = new XmppDocumentReader(text, fromClient: true, header);
        error = reader.Read(out var root);
        growth = reader.Growth;
        element = root!;
        return error == XmppParseError.None;
    }

    /// <summary>Parses the start tag of a stream.</summary>
    internal static XmppParseError ParseHeader(string text, out XmppStreamHeader? header) => new XmppDocumentReader(text, fromClient: true).ReadHeader(out header);

    /// <summary>
    /// Parses and counts the steps taken: characters examined, names compared. Tests check that hostile documents take no more steps per octet than others.
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

    /// <summary>Parses text that this code base wrote itself; invalid text is a bug.</summary>
    /// <exception cref="FormatException">The text is not a well-formed element.</exception>
    public static XmppElement Parse(string text) =>
        TryParse(text, out var element, out var error) ? element : throw new FormatException($"Not an XMPP element: {error}.");
}
