using JitsiMesh.Xmpp;

namespace JitsiMesh.Headless.Participants;

/// <summary>A participant's disco#info and entity capabilities.</summary>
internal static class ClientFeatures
{
    public const string Node = "https://jitsi.org/jitsi-meet";

    public static DiscoInfo For(ParticipantOptions options)
    {
        var info = new DiscoInfo();
        info.Identities.Add(new DiscoIdentity("client", "web", "JitsiMesh headless"));
        info.Features.AddRange(
        [
            Namespaces.Caps, Namespaces.DiscoInfo, "urn:xmpp:jingle:1", "urn:xmpp:jingle:apps:rtp:1", "urn:xmpp:jingle:transports:ice-udp:1", "urn:xmpp:jingle:apps:dtls:0",
            "urn:xmpp:jingle:apps:rtp:audio", "urn:xmpp:jingle:apps:rtp:video", "urn:ietf:rfc:4588", "http://jitsi.org/tcc", "http://jitsi.org/source-name",
            "http://jitsi.org/receive-multiple-video-streams",
        ]);
        if (options.DataChannel) info.Features.Add("urn:xmpp:jingle:transports:dtls-sctp:1");
        if (options.JsonSources) info.Features.Add("http://jitsi.org/json-encoded-sources");
        if (options.SsrcRewriting) info.Features.Add("http://jitsi.org/ssrc-rewriting-1");
        return info;
    }
}
