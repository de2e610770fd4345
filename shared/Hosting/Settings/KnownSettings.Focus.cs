using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>How the focus runs conferences; the names are those of the Jitsi tables.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<bool> EnableAutoOwner = Switch("ENABLE_AUTO_OWNER", true, "The first person in a room moderates it where no login says who does", "focus");
    public static readonly Setting<IReadOnlyList<string>> JicofoTrustedDomains = List("JICOFO_TRUSTED_DOMAINS", "Domains whose members may say that they are recorders or gateways; the hidden and the auth domain always are", "focus");
    public static readonly Setting<TimeSpan> JicofoInitialTimeout = Seconds("JICOFO_CONF_INITIAL_PARTICIPANT_WAIT_TIMEOUT", 15, 1, 3600, "How long a conference that nobody joins is kept", "focus");
    public static readonly Setting<TimeSpan> JicofoSingleTimeout = Seconds("JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT", 20, 1, 86400, "How long someone who is alone keeps the media session", "focus");
    public static readonly Setting<int> JicofoMaxAudioSenders = Number("JICOFO_CONF_MAX_AUDIO_SENDERS", 999999, 1, 999999, "People of one conference whose microphones may be on", "focus");
    public static readonly Setting<int> JicofoMaxVideoSenders = Number("JICOFO_CONF_MAX_VIDEO_SENDERS", 999999, 1, 999999, "People of one conference whose cameras may be on", "focus");
    public static readonly Setting<int> MaxSsrcsPerUser = Number("MAX_SSRCS_PER_USER", 20, 2, 1000, "SSRCs that one participant may send", "focus");
    public static readonly Setting<int> MaxSsrcGroupsPerUser = Number("MAX_SSRC_GROUPS_PER_USER", 20, 1, 1000, "SSRC groups that one participant may send", "focus");
    public static readonly Setting<bool> JicofoStripSimulcast = Switch("JICOFO_CONF_STRIP_SIMULCAST", true, "Receivers are told of one layer for each camera", "focus");
    public static readonly Setting<bool> JicofoSsrcRewriting = Switch("JICOFO_CONF_SSRC_REWRITING", true, "The bridge reuses few SSRCs for each receiver, and clients are not told of each other's sources", "focus");
    public static readonly Setting<int> JicofoRestartMax = Number("JICOFO_RESTART_REQUEST_MAX", 5, 1, 1000, "Media restarts that one client may ask for within JICOFO_RESTART_REQUEST_INTERVAL", "focus");
    public static readonly Setting<TimeSpan> JicofoRestartInterval = Seconds("JICOFO_RESTART_REQUEST_INTERVAL", 60, 1, 86400, "The interval of JICOFO_RESTART_REQUEST_MAX", "focus");
    public static readonly Setting<bool> EnableCodecAv1 = Switch("ENABLE_CODEC_AV1", true, "Offer AV1", "focus");
    public static readonly Setting<bool> EnableCodecVp8 = Switch("ENABLE_CODEC_VP8", true, "Offer VP8", "focus");
    public static readonly Setting<bool> EnableCodecVp9 = Switch("ENABLE_CODEC_VP9", true, "Offer VP9", "focus");
    public static readonly Setting<bool> EnableCodecH264 = Switch("ENABLE_CODEC_H264", true, "Offer H.264", "focus");
    public static readonly Setting<bool> EnableCodecOpusRed = Switch("ENABLE_CODEC_OPUS_RED", false, "Offer redundant audio", "focus");
    public static readonly Setting<string> JicofoRegion = Text("JICOFO_OCTO_REGION", "", "The region of participants who do not name one", "focus");
    public static readonly Setting<bool> SharedDocumentRandomName = Switch("ENABLE_SHARED_DOCUMENT_RANDOM_NAME", false, "A shared document has a name that nobody can guess, and not the room's", "focus");
}
