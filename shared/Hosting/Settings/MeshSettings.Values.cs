using System.Net;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The values that services read by name, with what one setting takes from another.</summary>
public sealed partial class MeshSettings
{
    public string XmppDomain => Get(KnownSettings.XmppDomain);

    public string XmppAuthDomain => Derived(KnownSettings.XmppAuthDomain, "auth.");

    public string XmppMucDomain => Derived(KnownSettings.XmppMucDomain, "muc.");

    public string XmppInternalMucDomain => Derived(KnownSettings.XmppInternalMucDomain, "internal-muc.");

    public string XmppGuestDomain => Derived(KnownSettings.XmppGuestDomain, "guest.");

    /// <summary>XMPP_HIDDEN_DOMAIN, else the older XMPP_RECORDER_DOMAIN, else hidden. and the main domain.</summary>
    public string XmppHiddenDomain =>
        !IsSet(KnownSettings.XmppHiddenDomain) && IsSet(KnownSettings.XmppRecorderDomain)
            ? Get(KnownSettings.XmppRecorderDomain)
            : Derived(KnownSettings.XmppHiddenDomain, "hidden.");

    public BindPort HttpPort => Get(KnownSettings.HttpPort);

    public BindPort HttpsPort => Get(KnownSettings.HttpsPort);

    public BindPort JvbPort => Get(KnownSettings.JvbPort);

    /// <summary>Without a slash at its end; null when unset, and then a page's own address counts.</summary>
    public string? PublicUrl => Get(KnownSettings.PublicUrl)?.AbsoluteUri.TrimEnd('/');

    /// <summary>JVB_ADVERTISE_IPS, else the older DOCKER_HOST_ADDRESS.</summary>
    public IReadOnlyList<AdvertisedAddress> AdvertisedAddresses =>
        Get(IsSet(KnownSettings.JvbAdvertiseIps) ? KnownSettings.JvbAdvertiseIps : KnownSettings.DockerHostAddress);

    /// <summary>MESH_MODERATORS; where it is unset, what the modules of the older tables mean, else what follows from the way of logging in.</summary>
    public ModeratorPolicy Moderators => IsSet(KnownSettings.Moderators) ? Get(KnownSettings.Moderators)
        : Get(KnownSettings.WaitForHostDisableAutoOwners) || NamesModule("token_affiliation", Get(KnownSettings.XmppModules), Get(KnownSettings.XmppMucModules)) ? ModeratorPolicy.Token
        : NamesModule("muc_allowners", Get(KnownSettings.XmppModules), Get(KnownSettings.XmppMucModules)) ? ModeratorPolicy.All
        : Get(KnownSettings.EnableAuth) && Get(KnownSettings.AuthType) is not (AuthenticationType.Jwt or AuthenticationType.Hybrid) ? ModeratorPolicy.Host
        : ModeratorPolicy.First;

    /// <summary>JWT_ENABLE_DOMAIN_VERIFICATION; where it is unset, on where this server makes the tokens itself: it knows the tenant of each.</summary>
    public bool TokensNameTenants => IsSet(KnownSettings.JwtEnableDomainVerification) ? Get(KnownSettings.JwtEnableDomainVerification) : Get(KnownSettings.EnableAuth) && Get(KnownSettings.AuthType) is AuthenticationType.Oidc;

    /// <summary>Nobody opens a room without a login, also where JWT_ALLOW_EMPTY or JICOFO_ENABLE_AUTH admits guests (mod_muc_wait_for_host).</summary>
    public bool WaitForHost => NamesModule("muc_wait_for_host", Get(KnownSettings.XmppModules), Get(KnownSettings.XmppMucModules));

    /// <summary>Rooms stay while somebody waits in their lobby (mod_persistent_lobby).</summary>
    public bool PersistentLobby => Get(KnownSettings.EnableLobby) && NamesModule("persistent_lobby", Get(KnownSettings.XmppModules), Get(KnownSettings.XmppMucModules));

    /// <summary>A guest that waits for the host waits in a lobby: mod_muc_wait_for_host beside mod_persistent_lobby.</summary>
    public bool WaitForHostInLobby => WaitForHost && PersistentLobby;

    public bool Reservations => Get(IsSet(KnownSettings.ReservationEnabled) ? KnownSettings.ReservationEnabled : KnownSettings.JicofoReservationEnabled);

    public Uri? ReservationUrl => Get(IsSet(KnownSettings.ReservationUrl) ? KnownSettings.ReservationUrl : KnownSettings.JicofoReservationUrl);

    /// <summary>MESH_ROOM_SIZE; where it is unset, open to everybody who reaches inner ports if mod_muc_size is asked for, as it is with Jitsi.</summary>
    public RoomSizeAccess RoomSize => IsSet(KnownSettings.RoomSize) ? Get(KnownSettings.RoomSize)
        : NamesModule("muc_size", Get(KnownSettings.XmppModules), Get(KnownSettings.XmppMucModules)) ? RoomSizeAccess.Open
        : RoomSizeAccess.Off;

    /// <summary>Whether the bridge's statistics are shown: COLIBRI_REST_ENABLED, else what the older JVB_ENABLE_APIS names, else yes.</summary>
    public bool BridgeStatistics => IsSet(KnownSettings.ColibriRest) || !IsSet(KnownSettings.JvbApis) ? Get(KnownSettings.ColibriRest) : Get(KnownSettings.JvbApis).Any(api => api is "rest" or "colibri");

    /// <summary>MESH_MAX_CONNECTIONS, else the connections of nginx's workers together where they are set.</summary>
    public int MaxConnections => IsSet(KnownSettings.MaxConnections) || !(IsSet(KnownSettings.WorkerConnections) || IsSet(KnownSettings.WorkerProcesses)) ? Get(KnownSettings.MaxConnections)
        : (int)Math.Min(int.MaxValue, (long)Get(KnownSettings.WorkerConnections) * Get(KnownSettings.WorkerProcesses));

    /// <summary>MESH_TRUSTED_PROXIES, else those of the older PROSODY_TRUSTED_PROXIES: for signalling alone, as that name meant.</summary>
    public IReadOnlyList<IPNetwork> ProxiesOfSignalling => Get(IsSet(KnownSettings.TrustedProxies) || !IsSet(KnownSettings.ProsodyTrustedProxies) ? KnownSettings.TrustedProxies : KnownSettings.ProsodyTrustedProxies);

    public string NodeName => Get(KnownSettings.NodeName) is { Length: > 0 } name ? name : Dns.GetHostName();

    /// <summary>Where inner ports listen that name no address of their own; null for every address of the machine.</summary>
    public IPAddress? ListenAddress => Get(KnownSettings.ListenAddress) is var address && address.Equals(IPAddress.IPv6Any) ? null : address;

    /// <summary>MESH_ADVERTISE_HOST, else the address that inner ports listen on, else the host's name; as it stands in a URL.</summary>
    public string AdvertiseHost => UrlHost(Get(KnownSettings.AdvertiseHost) is { Length: > 0 } host ? host : InnerAddress?.ToString() ?? Dns.GetHostName());

    /// <summary>RabbitMQ's nodes, or null for the bus in memory.</summary>
    public BusAddress? Bus => BusAddress.TryParse(Get(KnownSettings.Bus), out var address) ? address : null;

    /// <summary>The Redis configuration text, or null for the store in memory.</summary>
    public string? Redis => Get(KnownSettings.Redis) is { Length: > 0 } and not "memory" ? Get(KnownSettings.Redis) : null;

    /// <summary>CONFIG, absolute. It need not exist yet.</summary>
    public string ConfigDirectory => Path.GetFullPath(Get(KnownSettings.Config) is { Length: > 0 } folder
        ? ExpandHome(folder)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".jitsi-meet-cfg"));

    /// <summary>Where JitsiMesh keeps what it makes itself, absolute. It need not exist yet.</summary>
    public string DataDirectory => Get(KnownSettings.DataDirectory) is { Length: > 0 } folder
        ? Path.GetFullPath(ExpandHome(folder))
        : Path.Combine(ConfigDirectory, ".mesh");

    /// <summary>An inner port as it is listened on: on its own address if it has one, else on <see cref="ListenAddress"/>.</summary>
    public BindPort InnerPort(Setting<BindPort> setting) => Get(setting) is var port && port.Address is null ? port with { Address = ListenAddress } : port;

    /// <summary>MESH_XMPP_TCP as it is listened on, likewise; null where it is off.</summary>
    public BindPort? XmppTcpPort => Get(KnownSettings.XmppTcp) is { } port ? port.Address is null ? port with { Address = ListenAddress } : port : null;

    /// <summary>The one address on which inner ports listen: MESH_LISTEN_ADDRESS, else what a port names itself; null for all of the machine, of one family or both.</summary>
    private IPAddress? InnerAddress
    {
        get
        {
            var own = IsSet(KnownSettings.ListenAddress) ? null : Get(KnownSettings.MeshHttpPort).Address ?? Get(KnownSettings.MeshGrpcPort).Address;
            var address = own ?? Get(KnownSettings.ListenAddress);
            return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? null : address;
        }
    }

    private static bool NamesModule(string module, params ReadOnlySpan<string> lists)
    {
        foreach (var list in lists)
        {
            if (Effects.ProsodyModules.All(list).Contains(module)) return true;
        }

        return false;
    }

    private static string UrlHost(string host) => IPAddress.TryParse(host, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && host[0] != '[' ? $"[{host}]" : host;

    private string Derived(Setting<string> setting, string prefix) => IsSet(setting) ? Get(setting) : prefix + XmppDomain;

    private static string ExpandHome(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;
}
