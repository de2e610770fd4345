using System.Xml;
using FsCheck;
using FsCheck.Fluent;

namespace JitsiMesh.Xmpp.Tests;

/// <summary>Any element: names, namespaces, attributes and texts with everything that needs care.</summary>
public static class Elements
{
    private static readonly string[] Names = ["iq", "message", "x", "query", "a-b", "_c", "é1"];
    private static readonly string[] Spaces = ["jabber:client", "urn:a", "urn:b?x=1&y='2'", "", "http://etherx.jabber.org/streams"];
    private static readonly string[] Texts = ["", "plain", " blank ", "<&>'\"", "tab\tline\ncr\r", "]]>", "👍 é", "{\"type\":\"x\"}"];

    public static Gen<XmppElement> Any() => Gen.Sized(size => OfSize(Math.Min(size, 30)));

    public static bool Same(XmppElement a, XmppElement b) => a.Name == b.Name && a.Namespace == b.Namespace && SameAttributes(a, b) && SameContent(a, b);

    public static bool SameContent(XmppElement a, XmppElement b)
    {
        var left = Merged(a);
        var right = Merged(b);
        if (left.Count != right.Count) return false;
        for (var i = 0; i < left.Count; i++)
        {
            var same = (left[i], right[i]) switch
            {
                (XmppElement x, XmppElement y) => Same(x, y),
                (string x, string y) => x == y,
                _ => false,
            };
            if (!same) return false;
        }

        return true;
    }

    public static XmppElement Of(XmlElement element)
    {
        var result = new XmppElement(element.LocalName, element.NamespaceURI);
        foreach (XmlAttribute attribute in element.Attributes)
        {
            if (attribute.NamespaceURI != Namespaces.Xmlns) result.Set(attribute.LocalName, attribute.Value, attribute.NamespaceURI);
        }

        foreach (XmlNode node in element.ChildNodes)
        {
            if (node is XmlElement child) result.Add(Of(child));
            else result.AddText(node.Value ?? "");
        }

        return result;
    }

    private static bool SameAttributes(XmppElement a, XmppElement b) =>
        a.Attributes.Count == b.Attributes.Count && a.Attributes.All(attribute => b.Get(attribute.Name, attribute.Namespace) == attribute.Value);

    /// <summary>Neighbouring texts are one text once written.</summary>
    private static List<object> Merged(XmppElement element)
    {
        var list = new List<object>();
        foreach (var node in element.Nodes)
        {
            if (node is string text && list.Count > 0 && list[^1] is string before) list[^1] = before + text;
            else list.Add(node);
        }

        return list;
    }

    private static Gen<XmppElement> OfSize(int size) =>
        from name in Gen.Elements(Names)
        from ns in Gen.Elements(Spaces)
        from attributes in Gen.ListOf(Gen.Zip(Gen.Elements(Names), Gen.Elements(Texts)), Math.Min(3, size))
        from prefixed in Gen.Elements("", "urn:attribute", Namespaces.Xml)
        from texts in Gen.ListOf(Gen.Elements(Texts), 2)
        from children in Gen.ListOf(size <= 1 ? Gen.Constant<XmppElement?>(null) : OfSize(size / 4).Select(e => (XmppElement?)e), 2)
        select Build(name, ns, attributes, prefixed, texts, children);

    private static XmppElement Build(string name, string ns, IEnumerable<(string, string)> attributes, string prefixed, IEnumerable<string> texts, IEnumerable<XmppElement?> children)
    {
        var element = new XmppElement(name, ns);
        foreach (var (key, value) in attributes) element.Set(key, value);
        if (prefixed.Length > 0) element.Set("lang", "en", prefixed);
        foreach (var (text, child) in texts.Zip(children))
        {
            element.AddText(text);
            if (child is not null) element.Add(child);
        }

        return element;
    }
}
