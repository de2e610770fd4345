namespace JitsiMesh.Xmpp;

/// <summary>The result of <see cref="XmppStreamReader.Read"/>.</summary>
public enum XmppStreamPartKind
{
    /// <summary>All octets were consumed and more are needed.</summary>
    Incomplete,

    /// <summary>The start tag of the stream.</summary>
    Header,

    /// <summary>A child of the stream: a stanza, or an element of the negotiation.</summary>
    Element,

    /// <summary>The end tag of the stream.</summary>
    End,

    /// <summary>The rest of the stream cannot be parsed.</summary>
    Refused,
}

/// <summary>A part of a stream over TCP.</summary>
public readonly record struct XmppStreamPart
{
    public XmppStreamPartKind Kind { get; init; }

    /// <summary>Octets of the part itself.</summary>
    public int Octets { get; init; }

    /// <summary>Octets of white space before it (RFC 6120 section 4.6.1: keep-alives).</summary>
    public int Space { get; init; }

    /// <summary>Set for <see cref="XmppStreamPartKind.Header"/>; otherwise null.</summary>
    public XmppStreamHeader? Header { get; init; }

    /// <summary>Set for <see cref="XmppStreamPartKind.Element"/>; otherwise null.</summary>
    public XmppElement? Element { get; init; }

    /// <summary>The octets by which the element may be longer when written as a stand-alone document.</summary>
    public long Growth { get; init; }

    /// <summary>Set for <see cref="XmppStreamPartKind.Refused"/>.</summary>
    public XmppParseError Error { get; init; }
}
