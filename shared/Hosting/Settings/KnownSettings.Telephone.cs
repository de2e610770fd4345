using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The telephone gateway. Its names are those of Jigasi.</summary>
public static partial class KnownSettings
{
    private const string Telephone = "the telephone";
    private const string WhenTelephone = "set given JIGASI_SIP_URI";

    public static readonly Setting<string> JigasiSipUri = Text("JIGASI_SIP_URI", "", "SIP account for calls in and out, as user@host", "sip-gateway, focus").TakesEffectWith(Telephone, "set");
    public static readonly Setting<string> JigasiSipPassword = SecretText("JIGASI_SIP_PASSWORD", "a password", _ => true, "Password of JIGASI_SIP_URI", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiSipServer = Text("JIGASI_SIP_SERVER", "", "Registrar and outbound proxy; the host of JIGASI_SIP_URI when unset", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<int> JigasiSipPort = Number("JIGASI_SIP_PORT", 5060, 1, 65535, "Its port", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiSipTransport = Word("JIGASI_SIP_TRANSPORT", "UDP", ["UDP", "TCP", "TLS"], "How it is reached", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiSipKeepAlive = Word("JIGASI_SIP_KEEP_ALIVE_METHOD", "OPTIONS", ["OPTIONS", "REGISTER", "NONE"], "What keeps the way to it open", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<bool> JigasiSdes = Switch("JIGASI_ENABLE_SDES_SRTP", false, "Calls may be encrypted with keys in SDP (SDES)", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiDefaultRoom = Text("JIGASI_SIP_DEFAULT_ROOM", "", "Room of calls that name none", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiBrewery = Text("JIGASI_BREWERY_MUC", "jigasibrewery", "Pool in which gateways and transcribers announce themselves", "sip-gateway, focus").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<int> JigasiPortMin = Number("JIGASI_PORT_MIN", 20000, 1024, 65535, "Lowest UDP port of calls' audio", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<int> JigasiPortMax = Number("JIGASI_PORT_MAX", 20050, 1024, 65535, "Highest one", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiHealthUri = Text("JIGASI_HEALTH_CHECK_SIP_URI", "", "Extension that is called to see whether calls work", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<int> JigasiHealthInterval = Number("JIGASI_HEALTH_CHECK_INTERVAL", 300000, 1000, 86400000, "Milliseconds between such calls", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<int> JigasiInvitationTimeout = Number("JIGASI_JVB_TIMEOUT", 30000, 1000, 600000, "Milliseconds that the gateway waits for a room's media", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiRegion = Text("JIGASI_LOCAL_REGION", "", "The gateway's region, for the choice of a bridge", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiInstanceId = Text("JIGASI_INSTANCE_ID", "", "The gateway's name in its pool; MESH_NODE_NAME when unset", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiStatsId = Text("JIGASI_STATS_ID", "", "The gateway's name in statistics", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiMode = Word("JIGASI_MODE", "sip", ["sip", "transcriber"], "What a gateway process is", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<string> JigasiConfiguration = Text("JIGASI_CONFIGURATION", "", "Lines of Jigasi's own properties, comma separated", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<IReadOnlyList<string>> JigasiTrustedDomains = List("JIGASI_TRUSTED_DOMAINS", "Domains whose members count as gateways", "focus").TakesEffectWith(Telephone, WhenTelephone);
    public static readonly Setting<bool> JigasiTranslator = Switch("USE_TRANSLATOR_IN_CONFERENCE", false, "The gateway passes audio on without mixing it", "sip-gateway").TakesEffectWith(Telephone, WhenTelephone);
}
