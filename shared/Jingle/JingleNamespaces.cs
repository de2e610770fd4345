namespace JitsiMesh.Jingle;

/// <summary>Namespaces of Jingle and of the application formats and transports that Jitsi carries in it.</summary>
public static class JingleNamespaces
{
    public const string Jingle = "urn:xmpp:jingle:1";
    public const string Rtp = "urn:xmpp:jingle:apps:rtp:1";
    public const string RtcpFeedback = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0";
    public const string HeaderExtensions = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0";
    public const string Sources = "urn:xmpp:jingle:apps:rtp:ssma:0";
    public const string IceUdp = "urn:xmpp:jingle:transports:ice-udp:1";
    public const string Dtls = "urn:xmpp:jingle:apps:dtls:0";
    public const string DtlsSctp = "urn:xmpp:jingle:transports:dtls-sctp:1";
    public const string Grouping = "urn:xmpp:jingle:apps:grouping:0";
    public const string StartMuted = "http://jitsi.org/jitmeet/start-muted";
}
