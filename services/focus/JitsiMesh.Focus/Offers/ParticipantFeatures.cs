using JitsiMesh.Xmpp;

namespace JitsiMesh.Focus.Offers;

/// <summary>The features of a client that matter to an offer, from its service discovery.</summary>
[Flags]
public enum ParticipantFeatures
{
    None = 0,
    Audio = 1,
    Video = 2,
    Sctp = 4,

    /// <summary>Retransmissions (RFC 4588).</summary>
    Rtx = 8,
    TransportCc = 16,
    Remb = 32,

    /// <summary>Redundant audio (RFC 2198).</summary>
    Red = 64,
    JsonSources = 128,
    SsrcRewriting = 256,
    RtpMidDemux = 512,

    /// <summary>A gateway that supports being muted.</summary>
    AudioMute = 1024,

    /// <summary>The assumed features of a client that does not answer.</summary>
    Default = Audio | Video | Sctp,
}

public static class ParticipantFeatureNames
{
    private static readonly Dictionary<string, ParticipantFeatures> Known = new(StringComparer.Ordinal)
    {
        ["urn:xmpp:jingle:apps:rtp:audio"] = ParticipantFeatures.Audio,
        ["urn:xmpp:jingle:apps:rtp:video"] = ParticipantFeatures.Video,
        ["urn:xmpp:jingle:transports:dtls-sctp:1"] = ParticipantFeatures.Sctp,
        ["urn:ietf:rfc:4588"] = ParticipantFeatures.Rtx,
        ["http://jitsi.org/tcc"] = ParticipantFeatures.TransportCc,
        ["http://jitsi.org/remb"] = ParticipantFeatures.Remb,
        ["http://jitsi.org/opus-red"] = ParticipantFeatures.Red,
        ["http://jitsi.org/json-encoded-sources"] = ParticipantFeatures.JsonSources,
        ["http://jitsi.org/ssrc-rewriting-1"] = ParticipantFeatures.SsrcRewriting,
        ["http://jitsi.org/rtp-mid-demux"] = ParticipantFeatures.RtpMidDemux,
        ["http://jitsi.org/protocol/audio-mute"] = ParticipantFeatures.AudioMute,
    };

    /// <summary>Reads an answer to disco#info. An answer without any usable feature counts as no answer: a client without audio, video and data channels cannot be invited to anything.</summary>
    public static ParticipantFeatures Read(XmppElement query)
    {
        var result = ParticipantFeatures.None;
        foreach (var feature in query.Children("feature", Namespaces.DiscoInfo).Take(FocusLimits.Features)) result |= Known.GetValueOrDefault(feature["var"] ?? "");
        return (result & ParticipantFeatures.Default) == ParticipantFeatures.None ? result | ParticipantFeatures.Default : result;
    }
}
