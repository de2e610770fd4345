using System.Text;

namespace JitsiMesh.Xmpp;

/// <summary>
/// One XML element: name, namespace, attributes, and children that are elements or text, in document order. Prefixes do not survive parsing:
/// an element is written with its own default <c>xmlns</c> wherever its namespace differs from its parent's, because clients match the
/// literal attribute (RFC 7395 section 3.3.3; strophe.js handlers).
/// </summary>
public sealed class XmppElement
{
    private List<XmppAttribute>? _attributes;
    private List<object>? _nodes;

    public XmppElement(string name, string ns)
    {
        Name = name;
        Namespace = ns;
    }

    public XmppElement(string name, string ns, params ReadOnlySpan<(string Name, string? Value)> attributes)
        : this(name, ns)
    {
        foreach (var (key, value) in attributes)
        {
            if (value is not null) Set(key, value);
        }
    }

    public string Name { get; }

    public string Namespace { get; }

    public IReadOnlyList<XmppAttribute> Attributes => _attributes ?? (IReadOnlyList<XmppAttribute>)[];

    /// <summary>Children in document order: <see cref="XmppElement"/> or <see cref="string"/>.</summary>
    public IReadOnlyList<object> Nodes => _nodes ?? (IReadOnlyList<object>)[];

    public IEnumerable<XmppElement> Elements => _nodes is null ? [] : _nodes.OfType<XmppElement>();

    /// <summary>The concatenated text of this element's direct text children.</summary>
    public string Text
    {
        get
        {
            if (_nodes is null) return "";
            if (_nodes is [string only]) return only;
            var builder = new StringBuilder();
            foreach (var node in _nodes)
            {
                if (node is string text) builder.Append(text);
            }

            return builder.ToString();
        }
    }

    /// <summary>An attribute without a namespace, or null. Setting null removes it.</summary>
    public string? this[string attribute]
    {
        get => Get(attribute);
        set => Set(attribute, value);
    }

    public string? Get(string name, string ns = "")
    {
        if (_attributes is null) return null;
        foreach (var attribute in _attributes)
        {
            if (attribute.Name == name && attribute.Namespace == ns) return attribute.Value;
        }

        return null;
    }

    public XmppElement Set(string name, string? value, string ns = "")
    {
        _attributes ??= [];
        for (var i = 0; i < _attributes.Count; i++)
        {
            if (_attributes[i].Name != name || _attributes[i].Namespace != ns) continue;
            if (value is null) _attributes.RemoveAt(i);
            else _attributes[i] = _attributes[i] with { Value = value };
            return this;
        }

        if (value is not null) _attributes.Add(new XmppAttribute(name, ns, value));
        return this;
    }

    /// <summary>Adds an attribute that is known to be absent.</summary>
    internal void AddAttribute(string name, string ns, string value) => (_attributes ??= []).Add(new XmppAttribute(name, ns, value));

    public XmppElement Add(XmppElement child)
    {
        (_nodes ??= []).Add(child);
        return this;
    }

    /// <summary>Adds a child before all others.</summary>
    public XmppElement AddFirst(XmppElement child)
    {
        (_nodes ??= []).Insert(0, child);
        return this;
    }

    public XmppElement Add(params ReadOnlySpan<XmppElement?> children)
    {
        foreach (var child in children)
        {
            if (child is not null) Add(child);
        }

        return this;
    }

    public XmppElement AddText(string text)
    {
        if (text.Length > 0) (_nodes ??= []).Add(text);
        return this;
    }

    /// <summary>The first child element of that name and namespace; a null argument matches any.</summary>
    public XmppElement? Child(string? name, string? ns = null)
    {
        if (_nodes is null) return null;
        foreach (var node in _nodes)
        {
            if (node is XmppElement element && (name is null || element.Name == name) && (ns is null || element.Namespace == ns)) return element;
        }

        return null;
    }

    public IEnumerable<XmppElement> Children(string? name, string? ns = null) =>
        Elements.Where(element => (name is null || element.Name == name) && (ns is null || element.Namespace == ns));

    /// <summary>Removes the attributes that match.</summary>
    public void RemoveAttributes(Predicate<XmppAttribute> match) => _attributes?.RemoveAll(match);

    /// <summary>Removes the matching child elements and returns their number.</summary>
    public int RemoveChildren(Func<XmppElement, bool> match) => _nodes?.RemoveAll(node => node is XmppElement element && match(element)) ?? 0;

    /// <summary>A deep copy with its own attribute and child lists.</summary>
    public XmppElement Clone()
    {
        var copy = ShallowClone();
        if (copy._nodes is { } nodes)
        {
            for (var i = 0; i < nodes.Count; i++)
            {
                if (nodes[i] is XmppElement element) nodes[i] = element.Clone();
            }
        }

        return copy;
    }

    /// <summary>A copy with its own attribute list and child list, but the same child elements: enough to readdress a stanza.</summary>
    public XmppElement ShallowClone()
    {
        var copy = new XmppElement(Name, Namespace);
        if (_attributes is not null) copy._attributes = [.. _attributes];
        if (_nodes is not null) copy._nodes = [.. _nodes];
        return copy;
    }

    /// <summary>The element as stand-alone XML: its namespace is always declared.</summary>
    public override string ToString() => XmppSerializer.Write(this);
}

/// <param name="Name">The local name.</param>
/// <param name="Namespace">Empty for an attribute without a prefix.</param>
/// <param name="Value">The unescaped value.</param>
public readonly record struct XmppAttribute(string Name, string Namespace, string Value);
