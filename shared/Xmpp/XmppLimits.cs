namespace JitsiMesh.Xmpp;

/// <summary>The limits of this library. Exceeding one gives the error that is named beside it; nothing throws.</summary>
public static class XmppLimits
{
    /// <summary>Nesting of one document, else <see cref="XmppParseError.TooDeep"/>. Real stanzas stay under 12; deeper recursion could exhaust the stack.</summary>
    public const int Depth = 64;

    /// <summary>
    /// Elements, texts and attributes of one document, else <see cref="XmppParseError.TooManyNodes"/>. Namespace declarations do not count, since a rewritten
    /// element has a different number of them. A source-add for a room of 500 has about 10,000.
    /// </summary>
    public const int Nodes = 65_536;

    /// <summary>Attributes of one element without its declarations, else <see cref="XmppParseError.TooManyNodes"/>: each is compared with those before it. Clients write up to ten.</summary>
    public const int AttributesOfElement = 64;

    /// <summary>
    /// The same three limits for a frame of a client: lower than the reader's, so that the server's additions to a stanza (addresses, ids, names, delays) never make it
    /// unreadable for its later readers: the store, the link, a resumption.
    /// </summary>
    public const int ClientDepth = 56;

    public const int ClientNodes = 60_000;

    public const int ClientAttributesOfElement = 32;

    /// <summary>Characters of a namespace, else <see cref="XmppParseError.NamespaceTooLong"/>: it is written again on every element that changes to it. Namespaces in use have up to 70.</summary>
    public const int NamespaceCharacters = 256;

    /// <summary>Characters of a prefix, else <see cref="XmppParseError.NamespaceTooLong"/>.</summary>
    public const int PrefixCharacters = 64;

    /// <summary>
    /// Prefixes that one document declares, else <see cref="XmppParseError.TooManyPrefixes"/>: each use of a prefix searches them. <c>stream</c> for its own namespace
    /// does not count. Clients declare one or none.
    /// </summary>
    public const int Prefixes = 16;

    /// <summary>
    /// Attributes of one document in a namespace other than <c>xml</c>, else <see cref="XmppParseError.TooManyPrefixes"/>. Each declares a prefix when it is
    /// written again, so the limit of prefixes applies. Clients write none.
    /// </summary>
    public const int PrefixedAttributes = Prefixes;

    /// <summary>Octets of UTF-8 of each part of a JID (RFC 7622 section 3.1), else the JID is refused.</summary>
    public const int JidPartOctets = 1023;

    /// <summary>Octets of a decoded SASL message, else it is refused. The longest message of a client has a user name and a password.</summary>
    public const int SaslMessageOctets = 4096;
}
