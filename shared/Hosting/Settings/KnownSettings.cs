using System.Net;
using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// Every environment variable that JitsiMesh acts on, one declaration each: the only list of names. The names without the prefix
/// <c>MESH_</c> are those of the Jitsi tables and mean what they mean there.
/// </summary>
public static partial class KnownSettings
{
    // Basic
    public static readonly Setting<string> Config = Text("CONFIG", "", "Folder below which every service keeps its files (certificates, accounts, recordings); ~/.jitsi-meet-cfg when unset", "all");
    public static readonly Setting<string> TimeZone = Text("TZ", "UTC", "Time zone of log lines and of recordings' names; an unknown one is reported and UTC used", "all");
    public static readonly Setting<BindPort> HttpPort = Port("HTTP_PORT", 8000, "Port for plain HTTP", "edge-proxy");
    public static readonly Setting<BindPort> HttpsPort = Port("HTTPS_PORT", 8443, "Port for HTTPS", "edge-proxy");
    public static readonly Setting<Uri?> PublicUrl = Url("PUBLIC_URL", ["https"], "The address that people type; when unset the page's own address is used", "edge-proxy, media-bridge, auth, focus, signalling");
    public static readonly Setting<LogVerbosity> LogLevel = Choice("LOG_LEVEL", LogVerbosity.Info, "Lowest level of the log lines that are printed", "all");
    public static readonly Setting<string> RestartPolicy = Restarts("RESTART_POLICY", "unless-stopped", "Restart policy of the containers", "compose");
    public static readonly Setting<bool> EnableHttpRedirect = Switch("ENABLE_HTTP_REDIRECT", false, "Plain HTTP answers with a redirect to HTTPS", "edge-proxy");
    public static readonly Setting<bool> DisableHttps = Switch("DISABLE_HTTPS", false, "TLS is ended in front of JitsiMesh: no HTTPS port is opened and plain HTTP serves everything", "edge-proxy, signalling");
    public static readonly Setting<bool> EnableHsts = Switch("ENABLE_HSTS", true, "Strict-Transport-Security for two years on HTTPS", "edge-proxy");
    public static readonly Setting<bool> EnableIpv6 = Switch("ENABLE_IPV6", true, "Media over IPv6 too where the system has it", "media-bridge");
    public static readonly Setting<bool> EnableXmppWebsocket = Switch("ENABLE_XMPP_WEBSOCKET", true, "Signalling over WebSockets beside BOSH; 0 closes their door and takes websocket out of config.js", "edge-proxy, signalling");
    public static readonly Setting<string> CspHeader = Text("CSP_HEADER", "", "Content-Security-Policy sent with every answer; one that fits the web client when unset", "edge-proxy");
    public static readonly Setting<string> FrameAncestors = FrameSources("MESH_FRAME_ANCESTORS", "Pages that may embed this server's pages (self, none, or addresses such as https://portal.example); any page when unset", "edge-proxy");
    public static readonly Setting<string> CorsAllowOrigin = Text("CORS_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN", "*", "Access-Control-Allow-Origin of static files", "edge-proxy");

    public static readonly Setting<string> ConfigPrefix = Text("WEB_CONFIG_PREFIX", "", "Text that is put first in config.js", "edge-proxy");

    // XMPP domains
    public static readonly Setting<string> XmppDomain = Domain("XMPP_DOMAIN", "meet.jitsi", "Main domain of people's JIDs; not a public DNS name", "signalling, focus, edge-proxy, auth");
    public static readonly Setting<string> XmppAuthDomain = Domain("XMPP_AUTH_DOMAIN", "auth.meet.jitsi", "Domain of the services' accounts; auth. and XMPP_DOMAIN when unset", "signalling, focus, auth");
    public static readonly Setting<string> XmppMucDomain = Domain("XMPP_MUC_DOMAIN", "muc.meet.jitsi", "Domain of meeting rooms; muc. and XMPP_DOMAIN when unset", "signalling, focus, edge-proxy");
    public static readonly Setting<string> XmppInternalMucDomain = Domain("XMPP_INTERNAL_MUC_DOMAIN", "internal-muc.meet.jitsi", "Domain of the pools; internal-muc. and XMPP_DOMAIN when unset", "signalling");
    public static readonly Setting<string> XmppGuestDomain = Domain("XMPP_GUEST_DOMAIN", "guest.meet.jitsi", "Domain of guests when logins are on; guest. and XMPP_DOMAIN when unset", "signalling, auth, edge-proxy");
    public static readonly Setting<string> XmppHiddenDomain = Domain("XMPP_HIDDEN_DOMAIN", "hidden.meet.jitsi", "Domain whose members nobody sees (recorder, transcriber); hidden. and XMPP_DOMAIN when unset", "signalling, focus, auth");
    public static readonly Setting<string> XmppRecorderDomain = Domain("XMPP_RECORDER_DOMAIN", "", "The older name of XMPP_HIDDEN_DOMAIN, read when that is unset", "signalling, focus, auth").RenamedTo("XMPP_HIDDEN_DOMAIN");

    // Media bridge
    public static readonly Setting<IReadOnlyList<AdvertisedAddress>> JvbAdvertiseIps = Addresses("JVB_ADVERTISE_IPS", "Addresses that the bridge offers in its candidates", "media-bridge");
    public static readonly Setting<IReadOnlyList<AdvertisedAddress>> DockerHostAddress = Addresses("DOCKER_HOST_ADDRESS", "The older name of JVB_ADVERTISE_IPS, read when that is unset", "media-bridge").RenamedTo("JVB_ADVERTISE_IPS");
    public static readonly Setting<BindPort> JvbPort = Port("JVB_PORT", 10000, "The UDP port of all media", "media-bridge");
    public static readonly Setting<bool> JvbAdvertisePrivateCandidates = Switch("JVB_ADVERTISE_PRIVATE_CANDIDATES", true, "Offer private addresses too", "media-bridge");
    public static readonly Setting<string> JvbMucNickname = Text("JVB_MUC_NICKNAME", "", "The bridge's name among bridges; MESH_NODE_NAME when unset", "media-bridge");
    public static readonly Setting<string> JvbRegion = Text("JVB_OCTO_REGION", "", "The region that the bridge announces", "media-bridge");
    public static readonly Setting<bool> JvbTrustBandwidthEstimate = Switch("JVB_CC_TRUST_BWE", true, "Choose layers by the estimated bandwidth; 0 sends everybody all that they ask for", "media-bridge");
    public static readonly Setting<double> BridgeRefuseAtStress = Decimal("MESH_BRIDGE_REFUSE_AT_STRESS", 1.5, 0, 100, "From this stress of the media thread on (1 is full) a bridge refuses new conferences; 0 for never", "media-bridge");
    public static readonly Setting<bool> BridgeRequireValidAddress = Switch("MESH_BRIDGE_REQUIRE_VALID_ADDRESS", false, "A bridge that offers loopback addresses alone is unhealthy", "media-bridge");
    public static readonly Setting<int> BridgeAssumedBandwidthLimit = Number("MESH_BRIDGE_ASSUMED_BANDWIDTH_LIMIT", 0, 0, 10000000, "The most that a client may have assumed of its downlink, in kbit/s; 0 and such a wish is ignored", "media-bridge");

    // Secrets with which a service proves itself to the mesh
    public static readonly Setting<string> JicofoAuthPassword = Secret("JICOFO_AUTH_PASSWORD", "Secret of focus and signalling, which they prove to auth", "focus, signalling, auth").Demanded();
    public static readonly Setting<string> JvbAuthPassword = Secret("JVB_AUTH_PASSWORD", "Secret of the bridges, which focus proves to them", "media-bridge, focus").Demanded();
    public static readonly Setting<string> JigasiXmppPassword = Secret("JIGASI_XMPP_PASSWORD", "Password of JIGASI_XMPP_USER", "auth");
    public static readonly Setting<string> JibriXmppPassword = Secret("JIBRI_XMPP_PASSWORD", "Password of JIBRI_XMPP_USER", "auth");
    public static readonly Setting<string> JibriRecorderPassword = Secret("JIBRI_RECORDER_PASSWORD", "Password of JIBRI_RECORDER_USER", "auth");
    public static readonly Setting<string> JigasiTranscriberPassword = Secret("JIGASI_TRANSCRIBER_PASSWORD", "Password of JIGASI_TRANSCRIBER_USER", "auth");
    public static readonly Setting<string> RabbitMqPassword = Secret("MESH_RABBITMQ_PASSWORD", "Password of RabbitMQ in docker-compose.yml, part of MESH_BUS there", "compose");
    public static readonly Setting<string> RedisPassword = Secret("MESH_REDIS_PASSWORD", "Password of Redis in docker-compose.yml, part of MESH_REDIS there", "compose");

    // Own
    public static readonly Setting<string> Bus = SecretText("MESH_BUS", "memory, or amqp:// or amqps:// with credentials and RabbitMQ's nodes, each once (amqp://user:password@a:5672,b:5672)", IsBus, "Where the services' messages go: memory (one process), or RabbitMQ with its credentials and all nodes of its cluster", "all");
    public static readonly Setting<string> Redis = SecretText("MESH_REDIS", "memory, or host:port with options of StackExchange.Redis (a:26379,b:26379,serviceName=mesh,password=… asks Sentinels)", IsRedis, "Where state is kept: memory (one process), or Redis: its address, or those of its Sentinels with serviceName", "all");
    public static readonly Setting<string> NodeName = Text("MESH_NODE_NAME", "", "This node's name in logs and listings; the host's name when unset", "all");
    public static readonly Setting<string> AdvertiseHost = Text("MESH_ADVERTISE_HOST", "", "Host name or address under which other services reach this one; MESH_LISTEN_ADDRESS when unset, or the host's name where that is any", "all");
    public static readonly Setting<IPAddress> ListenAddress = Address("MESH_LISTEN_ADDRESS", "Address on which a service's inner ports listen; any for all of the machine's, as in containers, whose network nobody else is on", "all");
    public static readonly Setting<BindPort> MeshHttpPort = Port("MESH_HTTP_PORT", 8080, "Inner HTTP port of a service: health, metrics, and what edge-proxy passes on", "all");
    public static readonly Setting<BindPort> MeshGrpcPort = Port("MESH_GRPC_PORT", 8081, "Inner gRPC port of a service", "all");
    public static readonly Setting<BindPort> PublishedHttpsPort = Port("MESH_PUBLISHED_HTTPS_PORT", 0, "HTTPS port to which plain HTTP is led when PUBLIC_URL is unset; 0 for the one that is listened on", "edge-proxy");
    public static readonly Setting<IReadOnlyList<Uri>> AuthAddress = UrlsOr("MESH_AUTH_ADDRESS", "http://auth:8081", ["http", "https"], "The gRPC addresses of the auth service's instances, which are asked in turn", "signalling");
    public static readonly Setting<string> DataDirectory = Text("MESH_DATA_DIR", "", "Folder of what JitsiMesh makes itself; CONFIG/.mesh when unset", "all");
    public static readonly Setting<string> WebRoot = Text("WEB_ROOT", "", "Folder of the web client, for instance an unpacked Jitsi Meet; the built-in client when unset", "edge-proxy");
    public static readonly Setting<Uri?> OtlpEndpoint = Url("OTEL_EXPORTER_OTLP_ENDPOINT", ["http", "https"], "Where traces go; none are collected when unset", "all");
    public static readonly Setting<TimeSpan> DrainTimeout = Seconds("MESH_DRAIN_TIMEOUT", 15, 0, 86400, "How long a stopping service may finish what it has begun", "all");
    public static readonly Setting<int> MaxConnectionsPerAddress = Number("MESH_MAX_CONNECTIONS_PER_ADDRESS", 500, 1, 1000000, "Open connections that one client address may have; behind a trusted proxy, WebSockets of one client", "edge-proxy, signalling");
    public static readonly Setting<int> MaxConnections = Number("MESH_MAX_CONNECTIONS", 50000, 1, 1000000, "Open connections in all", "edge-proxy");
    public static readonly Setting<IReadOnlyList<IPNetwork>> TrustedProxies = Networks("MESH_TRUSTED_PROXIES", "127.0.0.0/8, ::1/128", "Networks whose X-Forwarded headers are believed: those of the proxies in front of this server, never one that clients are in", "edge-proxy, signalling, auth");
    public static readonly Setting<LogFormat> LogFormat = Choice("MESH_LOG_FORMAT", Settings.LogFormat.Text, "Log lines for people or for machines", "all");
    public static readonly Setting<string> EnvFile = Text("MESH_ENV_FILE", "", "A file of NAME=value lines; ./.env when unset and there is one", "all");

    /// <summary>All declarations of this class and of <see cref="ClientSettings"/>, by name.</summary>
    public static IReadOnlyDictionary<string, Setting> All => AllByName.Value;

    private static readonly Lazy<Dictionary<string, Setting>> AllByName = new(() => typeof(KnownSettings)
        .GetFields(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)
        .Select(f => f.GetValue(null)).OfType<Setting>()
        .Concat(ClientSettings.All.Select(c => c.Setting))
        .ToDictionary(s => s.Name, StringComparer.Ordinal));

    private static bool IsBus(string text) => text == "memory" || BusAddress.TryParse(text, out _);

    private static bool IsRedis(string text) => text == "memory" || RedisAddress.IsAccepted(text);
}
