using System.Net;
using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>What signalling tells clients and holds rooms to; the names are those of the Jitsi tables.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<IReadOnlyList<string>> StunHost = List("STUN_HOST", "STUN servers that clients are told of, each with :port if it differs from STUN_PORT", "signalling");
    public static readonly Setting<int> StunPort = Number("STUN_PORT", 443, 1, 65535, "Port of STUN_HOST", "signalling");
    public static readonly Setting<IReadOnlyList<string>> TurnHost = List("TURN_HOST", "TURN servers that clients are told of", "signalling");
    public static readonly Setting<int> TurnPort = Number("TURN_PORT", 443, 1, 65535, "Port of TURN_HOST", "signalling");
    public static readonly Setting<string> TurnTransport = Word("TURN_TRANSPORT", "tcp", ["tcp", "udp", "both", "tcp,udp", "udp,tcp"], "How clients reach TURN_HOST", "signalling");
    public static readonly Setting<IReadOnlyList<string>> TurnsHost = List("TURNS_HOST", "TURN servers behind TLS that clients are told of", "signalling");
    public static readonly Setting<int> TurnsPort = Number("TURNS_PORT", 443, 1, 65535, "Port of TURNS_HOST", "signalling");
    public static readonly Setting<TimeSpan> TurnTtl = Seconds("TURN_TTL", 86400, 60, 31536000, "How long credentials made of TURN_CREDENTIALS or MESH_TURN_SECRET hold", "signalling");
    public static readonly Setting<string> TurnCredentials = SecretText("TURN_CREDENTIALS", "a secret", _ => true, "Secret shared with the TURN servers, of which each client's credentials are made", "signalling");
    public static readonly Setting<string> TurnUsername = Text("TURN_USERNAME", "", "One user of the TURN servers for everybody, instead of TURN_CREDENTIALS", "signalling");
    public static readonly Setting<string> TurnPassword = SecretText("TURN_PASSWORD", "a password", _ => true, "Password of TURN_USERNAME", "signalling");
    public static readonly Setting<int> MaxParticipants = Number("MAX_PARTICIPANTS", 0, 0, 100000, "People in one room, recorders and other services not counted; 0 for no limit", "signalling");
    public static readonly Setting<bool> EnableAvModeration = Switch("ENABLE_AV_MODERATION", true, "Moderators may keep microphones and cameras of the others off", "signalling");
    public static readonly Setting<bool> SessionJournal = Switch("MESH_SESSION_JOURNAL", true, "In a cluster, sessions are written down as they go, so that clients of a signalling node that is killed resume at another", "signalling");
    public static readonly Setting<bool> EnableEndConference = Switch("ENABLE_END_CONFERENCE", true, "Moderators may end a meeting for all", "signalling");
    public static readonly Setting<IReadOnlyList<IPNetwork>> ProsodyTrustedProxies = Networks("PROSODY_TRUSTED_PROXIES", "127.0.0.1, ::1", "The older name of MESH_TRUSTED_PROXIES, read by signalling when that is unset", "signalling").RenamedTo("MESH_TRUSTED_PROXIES");
}
