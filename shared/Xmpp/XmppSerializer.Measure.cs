using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>The length of an element as written.</summary>
public static partial class XmppSerializer
{
    /// <summary>The UTF-8 octets that <see cref="Write(XmppElement)"/> would produce, without producing them.</summary>
    public static long Measure(XmppElement element) => Measure(element, parentNamespace: null);

    private static long Measure(XmppElement element, string? parentNamespace)
    {
        var stream = element.Namespace == Namespaces.Streams;
        var name = Octets(element.Name) + (stream ? "stream:".Length : 0);
        long octets = "<".Length + name;
        if (stream)
        {
            if (parentNamespace != Namespaces.Streams) octets += " xmlns:stream=\"\"".Length + Octets(Namespaces.Streams);
        }
        else if (element.Namespace != parentNamespace)
        {
            octets += " xmlns=\"\"".Length + Measure(element.Namespace, attribute: true);
        }

        octets += MeasureAttributes(element);
        if (element.Nodes.Count == 0) return octets + "/>".Length;
        octets += "></>".Length + name;
        // The number of ']' at the end so far: a ">" after two of them is escaped.
        var brackets = 0;
        foreach (var node in element.Nodes)
        {
            if (node is XmppElement child)
            {
                octets += Measure(child, stream && child.Namespace != Namespaces.Streams ? null : element.Namespace);
                brackets = 0;
                continue;
            }

            octets += Measure((string)node, attribute: false, brackets);
            var ending = Brackets((string)node);
            brackets = ending < ((string)node).Length ? ending : brackets + ending;
        }

        return octets;
    }

    private static long MeasureAttributes(XmppElement element)
    {
        var octets = 0L;
        var generated = 0;
        foreach (var attribute in element.Attributes)
        {
            octets += " =\"\"".Length + Octets(attribute.Name) + Measure(attribute.Value, attribute: true);
            if (attribute.Namespace == Namespaces.Xml) octets += "xml:".Length;
            else if (attribute.Namespace.Length > 0) octets += " xmlns:=\"\":".Length + (2 * $"a{generated++}".Length) + Measure(attribute.Namespace, attribute: true);
        }

        return octets;
    }

    /// <param name="text">A value or a text.</param>
    /// <param name="attribute">Whether it is an attribute value.</param>
    /// <param name="brackets">The number of ']' at the end of the preceding text.</param>
    private static long Measure(string text, bool attribute, int brackets = 0)
    {
        var stops = attribute ? AttributeStops : TextStops;
        var octets = (long)Octets(text);
        var from = 0;
        while (true)
        {
            var at = text.AsSpan(from).IndexOfAny(stops);
            if (at < 0) return octets;
            at += from;
            if (text[at] != '>' || (at > 1 ? text[at - 1] == ']' && text[at - 2] == ']' : at + brackets > 1 && text.AsSpan(0, at).TrimEnd(']').IsEmpty)) octets += Octets(Escaped(text[at])) - Octets(text.AsSpan(at, 1));
            from = at + 1;
        }
    }

    private static int Brackets(string text) => text.Length - text.AsSpan().TrimEnd(']').Length;

    private static int Octets(ReadOnlySpan<char> text) => Encoding.UTF8.GetByteCount(text);
}
