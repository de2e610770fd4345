namespace JitsiMesh.Xmpp;

/// <summary>The start tag of a stream over TCP (RFC 6120 section 4.7), with its declarations for the rest of the stream.</summary>
public sealed class XmppStreamHeader
{
    internal XmppStreamHeader(XmppElement element, string tag, string defaultNamespace, IReadOnlyList<(string Prefix, string Namespace)> prefixes, int countedPrefixes)
    {
        Element = element;
        Tag = tag;
        DefaultNamespace = defaultNamespace;
        Prefixes = prefixes;
        CountedPrefixes = countedPrefixes;
    }

    /// <summary>The tag as an element: its name, namespace and attributes.</summary>
    public XmppElement Element { get; }

    /// <summary>The namespace of stanzas that do not declare one.</summary>
    public string DefaultNamespace { get; }

    /// <summary>The host that the client requests, unprepared, or null.</summary>
    public string? To => Element["to"];

    public string? Version => Element["version"];

    /// <summary>Whether it opens a client's stream (RFC 6120 sections 4.8.1 and 4.8.2); otherwise the stream ends with invalid-namespace.</summary>
    public bool IsClientStream => Element is { Name: "stream", Namespace: Namespaces.Streams } && DefaultNamespace == Namespaces.Client;

    /// <summary>The name as written: the end tag has the same.</summary>
    internal string Tag { get; }

    internal IReadOnlyList<(string Prefix, string Namespace)> Prefixes { get; }

    /// <summary>The number of prefixes that count towards <see cref="XmppLimits.Prefixes"/>.</summary>
    internal int CountedPrefixes { get; }
}
