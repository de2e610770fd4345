using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>How long an element is when it is written.</summary>
public static partial class XmppSerializer
{
    /// <summary>The octets of UTF-8 that <see cref="Write(XmppElement)"/> makes, without making them.</summary>
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
        foreach (var node in element.Nodes)
        {
            octets += node is XmppElement child ? Measure(child, stream && child.Namespace != Namespaces.Streams ? null : element.Namespace) : Measure((string)node, attribute: false);
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

    private static long Measure(string text, bool attribute)
    {
        var stops = attribute ? AttributeStops : TextStops;
        var octets = (long)Octets(text);
        var from = 0;
        while (true)
        {
            var at = text.AsSpan(from).IndexOfAny(stops);
            if (at < 0) return octets;
            at += from;
            octets += Octets(Escaped(text, at)) - Octets(text.AsSpan(at, 1));
            from = at + 1;
        }
    }

    private static int Octets(ReadOnlySpan<char> text) => Encoding.UTF8.GetByteCount(text);
}
