using System.Buffers;
using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>
/// Writes elements as XML text. Every change of namespace is a default <c>xmlns</c> on the element itself; the only prefixes written are
/// <c>xml:</c> on attributes and <c>stream:</c> on stream-level elements, which clients look for by that literal name (RFC 6120 section 4.8.5).
/// </summary>
public static partial class XmppSerializer
{
    private static readonly string NoXml = string.Concat(XmlNames.Unusual.Where(c => !char.IsSurrogate(c)));
    private static readonly SearchValues<char> TextStops = SearchValues.Create(NoXml + "&<>\r");
    private static readonly SearchValues<char> AttributeStops = SearchValues.Create(NoXml + "&<\"\n\r\t");

    public static string Write(XmppElement element)
    {
        var builder = new StringBuilder(256);
        Write(builder, element, parentNamespace: null);
        return builder.ToString();
    }

    /// <summary>
    /// Writes a stanza for many receivers as the parts before and after the value of its <c>to</c>, so that each copy costs two copies of
    /// memory and no serialisation. An existing <c>to</c> of the stanza is omitted.
    /// </summary>
    public static (string Head, string Tail) WriteSplit(XmppElement stanza)
    {
        var builder = new StringBuilder(512);
        builder.Append('"');
        WriteAttributes(builder, stanza, except: "to");
        WriteContent(builder, stanza, stream: false);
        return ($"<{stanza.Name} xmlns=\"{EscapeAttribute(stanza.Namespace)}\" to=\"", builder.ToString());
    }

    /// <summary>Escapes a text as the value of an attribute.</summary>
    public static string EscapeAttribute(string text)
    {
        var builder = new StringBuilder(text.Length + 8);
        Escape(builder, text, attribute: true);
        return builder.ToString();
    }

    public static void Write(StringBuilder builder, XmppElement element, string? parentNamespace)
    {
        var stream = element.Namespace == Namespaces.Streams;
        builder.Append('<');
        if (stream) builder.Append("stream:");
        builder.Append(element.Name);
        if (stream)
        {
            if (parentNamespace != Namespaces.Streams) builder.Append(" xmlns:stream=\"" + Namespaces.Streams + "\"");
        }
        else if (element.Namespace != parentNamespace)
        {
            builder.Append(" xmlns=\"");
            Escape(builder, element.Namespace, attribute: true);
            builder.Append('"');
        }

        WriteAttributes(builder, element, except: null);
        WriteContent(builder, element, stream);
    }

    private static void WriteContent(StringBuilder builder, XmppElement element, bool stream)
    {
        if (element.Nodes.Count == 0)
        {
            builder.Append("/>");
            return;
        }

        builder.Append('>');
        foreach (var node in element.Nodes)
        {
            // A stream: element declares no default namespace, so its children always must declare one.
            if (node is XmppElement child) Write(builder, child, stream && child.Namespace != Namespaces.Streams ? null : element.Namespace);
            else Escape(builder, (string)node, attribute: false);
        }

        builder.Append("</");
        if (stream) builder.Append("stream:");
        builder.Append(element.Name).Append('>');
    }

    private static void WriteAttributes(StringBuilder builder, XmppElement element, string? except)
    {
        var generated = 0;
        foreach (var attribute in element.Attributes)
        {
            if (attribute.Namespace.Length == 0 && attribute.Name == except) continue;
            builder.Append(' ');
            if (attribute.Namespace == Namespaces.Xml)
            {
                builder.Append("xml:");
            }
            else if (attribute.Namespace.Length > 0)
            {
                var prefix = $"a{generated++}";
                builder.Append("xmlns:").Append(prefix).Append("=\"");
                Escape(builder, attribute.Namespace, attribute: true);
                builder.Append("\" ").Append(prefix).Append(':');
            }

            builder.Append(attribute.Name).Append("=\"");
            Escape(builder, attribute.Value, attribute: true);
            builder.Append('"');
        }
    }

    // Only required escapes: an escape is up to six times as long, and is sent to many receivers.
    private static void Escape(StringBuilder builder, string text, bool attribute)
    {
        var stops = attribute ? AttributeStops : TextStops;
        var from = 0;
        while (true)
        {
            var at = text.AsSpan(from).IndexOfAny(stops);
            if (at < 0)
            {
                builder.Append(text, from, text.Length - from);
                return;
            }

            builder.Append(text, from, at);
            at += from;
            // XML 1.0 section 2.4: only a ">" that ends "]]>", which may begin in the preceding text.
            if (text[at] == '>' && !(builder.Length > 1 && builder[^1] == ']' && builder[^2] == ']')) builder.Append('>');
            else builder.Append(Escaped(text[at]));
            from = at + 1;
        }
    }

    private static string Escaped(char c) => c switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\n' => "&#10;",
        '\r' => "&#13;",
        '\t' => "&#9;",
        // XML cannot represent the character; a reader would refuse the whole stanza.
        _ => "\uFFFD",
    };
}
