using System.Xml;

namespace JitsiMesh.Xmpp;

/// <summary>Why a frame was not taken as XMPP (RFC 6120 section 4.9.3: the condition to send back).</summary>
public enum XmppParseError
{
    None,
    NotWellFormed,

    /// <summary>Comments, processing instructions, DTDs and entity references are forbidden (RFC 6120 section 11.1).</summary>
    RestrictedXml,
    TooDeep,
    TooManyNodes,
}

/// <summary>Parses one stand-alone document: a WebSocket frame (RFC 7395 section 3.3) or the text of a stanza on the link.</summary>
public static class XmppParser
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreWhitespace = false,
        ConformanceLevel = ConformanceLevel.Document,
        CheckCharacters = true,
    };

    public static bool TryParse(string text, out XmppElement element, out XmppParseError error)
    {
        element = null!;
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), Settings);
            error = Read(reader, out var root);
            if (error != XmppParseError.None || root is null) return false;
            element = root;
            return true;
        }
        catch (XmlException exception)
        {
            error = exception.Message.Contains("DTD", StringComparison.Ordinal) ? XmppParseError.RestrictedXml : XmppParseError.NotWellFormed;
            return false;
        }
    }

    /// <summary>Parses text that we wrote ourselves; bad text is our bug.</summary>
    /// <exception cref="FormatException">The text is not a well-formed element.</exception>
    public static XmppElement Parse(string text) =>
        TryParse(text, out var element, out var error) ? element : throw new FormatException($"Not an XMPP element: {error}.");

    private static XmppParseError Read(XmlReader reader, out XmppElement? root)
    {
        root = null;
        var open = new Stack<XmppElement>();
        var nodes = 0;
        while (reader.Read())
        {
            if (++nodes > XmppLimits.Nodes) return XmppParseError.TooManyNodes;
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    var element = new XmppElement(reader.LocalName, reader.NamespaceURI);
                    var empty = reader.IsEmptyElement;
                    nodes += reader.AttributeCount;
                    while (reader.MoveToNextAttribute())
                    {
                        if (reader.NamespaceURI == Namespaces.Xmlns) continue;
                        element.Set(reader.LocalName, reader.Value, reader.NamespaceURI);
                    }

                    if (open.TryPeek(out var parent)) parent.Add(element);
                    else root = element;
                    if (empty) break;
                    if (open.Count >= XmppLimits.Depth) return XmppParseError.TooDeep;
                    open.Push(element);
                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    if (open.TryPeek(out var holder)) holder.AddText(reader.Value);
                    break;
                case XmlNodeType.XmlDeclaration:
                    break;
                default:
                    return XmppParseError.RestrictedXml;
            }
        }

        return root is null ? XmppParseError.NotWellFormed : XmppParseError.None;
    }
}
