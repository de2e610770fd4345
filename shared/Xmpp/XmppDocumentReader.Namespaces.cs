using System.Buffers;
using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>Namespaces: the declarations in scope, the resolution of names, and the growth of the document when each change of namespace is written literally.</summary>
internal partial struct XmppDocumentReader
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create("&<\"\n\r\t");

    private XmppParseError TakeAttributes(XmppElement element)
    {
        foreach (var attribute in _attributes)
        {
            if (attribute.IsDeclaration) continue;
            var ns = "";
            if (attribute.Prefix.Length > 0)
            {
                if (!TryResolvePrefix(attribute.Prefix, out ns)) return XmppParseError.NotWellFormed;
                if (attribute.Local == "xmlns") return XmppParseError.ReservedName;
                if (ns != Namespaces.Xml)
                {
                    if (++_prefixedAttributes > XmppLimits.PrefixedAttributes) return XmppParseError.TooManyPrefixes;
                    Growth += WrittenLength(ns) + " xmlns:a63=\"\"a63:".Length;
                }
            }

            Steps += element.Attributes.Count;
            if (element.Get(attribute.Local, ns) is not null) return XmppParseError.NotWellFormed;
            element.AddAttribute(attribute.Local, ns, attribute.Value);
        }

        return XmppParseError.None;
    }

    /// <summary>Processes the declarations among the attributes (Namespaces in XML 1.0, sections 3 and 5).</summary>
    private XmppParseError Declare(int level, out bool declaresDefault)
    {
        declaresDefault = false;
        var declaresStream = false;
        foreach (var attribute in _attributes)
        {
            if (!attribute.IsDeclaration) continue;
            if (attribute.Value.Length > XmppLimits.NamespaceCharacters || attribute.Local.Length > XmppLimits.PrefixCharacters) return XmppParseError.NamespaceTooLong;
            if (attribute.Value is Namespaces.Xmlns || (attribute.Value == Namespaces.Xml && attribute.Local != "xml")) return XmppParseError.NotWellFormed;
            if (attribute.Prefix.Length == 0)
            {
                if (declaresDefault) return XmppParseError.NotWellFormed;
                declaresDefault = true;
                (_defaults ??= []).Add((attribute.Value, level));
                continue;
            }

            if (attribute.Local is "xmlns" || attribute.Value.Length == 0 || (attribute.Local == "xml" && attribute.Value != Namespaces.Xml)) return XmppParseError.NotWellFormed;
            if (attribute is { Local: "stream", Value: Namespaces.Streams } && !declaresStream)
            {
                // XmppSerializer declares it wherever it begins: a redundant declaration has no cost.
                declaresStream = true;
                if (TryResolvePrefix("stream", out var bound) && bound == Namespaces.Streams) continue;
            }
            else if (attribute.Local == "stream" && declaresStream)
            {
                return XmppParseError.NotWellFormed;
            }
            else if (++_declaredPrefixes > XmppLimits.Prefixes)
            {
                return XmppParseError.TooManyPrefixes;
            }

            declaresStream |= attribute.Local == "stream";
            _prefixes ??= [];
            for (var i = _prefixes.Count - 1; i >= 0 && _prefixes[i].Depth == level; i--)
            {
                Steps++;
                if (_prefixes[i].Prefix == attribute.Local) return XmppParseError.NotWellFormed;
            }

            _prefixes.Add((attribute.Local, attribute.Value, level));
        }

        return XmppParseError.None;
    }

    private readonly void Undeclare(int level)
    {
        while (_defaults is { Count: > 0 } defaults && defaults[^1].Depth >= level) defaults.RemoveAt(defaults.Count - 1);
        while (_prefixes is { Count: > 0 } prefixes && prefixes[^1].Depth >= level) prefixes.RemoveAt(prefixes.Count - 1);
    }

    private bool TryResolveElement(string prefix, out string ns)
    {
        if (prefix.Length == 0)
        {
            ns = _defaults is { Count: > 0 } ? _defaults[^1].Namespace : "";
            return true;
        }

        // No XMPP element is in the xml namespace, and such an element could not be written with a default declaration.
        return TryResolvePrefix(prefix, out ns) && ns != Namespaces.Xml;
    }

    private bool TryResolvePrefix(string prefix, out string ns)
    {
        ns = Namespaces.Xml;
        if (prefix == "xml") return true;
        for (var i = (_prefixes?.Count ?? 0) - 1; i >= 0; i--)
        {
            Steps++;
            if (_prefixes![i].Prefix != prefix) continue;
            ns = _prefixes[i].Namespace;
            return true;
        }

        return false;
    }

    // Growth: the octets that the writer (XmppSerializer) adds to those of the text. Each count is an upper bound, and zero for the XML that clients write.
    private void CountElement(string ns, bool declared)
    {
        if (!declared && ns != (_depth > 0 ? _open[_depth - 1]!.Namespace : null)) Growth += WrittenLength(ns) + " xmlns=\"\"".Length;
        if (ns == Namespaces.Streams) Growth += " xmlns:stream=\"\"stream:stream:".Length + Namespaces.Streams.Length;
    }

    // A quote that is literal between single quotes, or written as &#34;.
    private void CountQuotes(string value) => Growth += (long)value.AsSpan().Count('"') * ("&quot;".Length - 1);

    // One of these may end a "]]>" that begins in the preceding text.
    private void CountText(string text) => Growth += text.AsSpan(0, Math.Min(2, text.Length)).Count('>') * ("&gt;".Length - 1);

    private void CountCharacterData(string content) =>
        Growth += ((long)content.AsSpan().Count('&') + content.AsSpan().Count('<') + content.AsSpan().Count('>')) * ("&amp;".Length - 1);

    /// <summary>An upper bound of the UTF-8 octets of a value as written.</summary>
    private static int WrittenLength(string value) => Encoding.UTF8.GetByteCount(value) + (value.AsSpan().ContainsAny(Escaped) ? value.Length * ("&quot;".Length - 1) : 0);

    private readonly record struct RawAttribute(string Prefix, string Local, string Value)
    {
        public bool IsDeclaration => Prefix == "xmlns" || (Prefix.Length == 0 && Local == "xmlns");
    }
}
