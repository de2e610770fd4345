namespace JitsiMesh.Xmpp;

/// <summary>The bounds of this library. Whoever goes over one gets the error that is named beside it; nothing throws.</summary>
public static class XmppLimits
{
    /// <summary>Nesting of one document, else <see cref="XmppParseError.TooDeep"/>. Real stanzas stay under 12; a deeper one could exhaust the stack of whoever walks it.</summary>
    public const int Depth = 64;

    /// <summary>Elements, texts and attributes of one document, else <see cref="XmppParseError.TooManyNodes"/>. A source-add for a room of 500 has about 10,000.</summary>
    public const int Nodes = 65_536;

    /// <summary>Attributes of one element, else <see cref="XmppParseError.TooManyNodes"/>: each is compared with those before it.</summary>
    public const int AttributesOfElement = 128;

    /// <summary>Octets of UTF-8 of each part of a JID (RFC 7622 section 3.1), else the JID is refused.</summary>
    public const int JidPartOctets = 1023;

    /// <summary>Octets of a decoded SASL message, else it is refused. The longest that a client sends has a user name and a password.</summary>
    public const int SaslMessageOctets = 4096;
}
