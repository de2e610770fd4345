using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>How clients reach the media bridge: STUN, a cloud's metadata, TCP.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<IReadOnlyList<HostAndPort>> JvbStunServers = HostPorts("JVB_STUN_SERVERS", "meet-jit-si-turnrelay.jitsi.net:443", 3478, "STUN servers that tell the bridge its public address; asked where it is behind NAT and JVB_ADVERTISE_IPS is unset", "media-bridge");
    public static readonly Setting<bool> JvbDisableStun = Switch("JVB_DISABLE_STUN", false, "Ask no STUN server", "media-bridge");
    public static readonly Setting<bool> DisableAwsHarvester = Switch("DISABLE_AWS_HARVESTER", true, "0 asks Amazon's metadata service for the public address, as MESH_BRIDGE_CLOUD_ADDRESS=aws does", "media-bridge");
    public static readonly Setting<string> BridgeCloudAddress = Word("MESH_BRIDGE_CLOUD_ADDRESS", "none", ["none", "aws", "gcp"], "The cloud whose metadata service tells the bridge its public address, where JVB_ADVERTISE_IPS is unset", "media-bridge");
    public static readonly Setting<bool> JvbTcpHarvesterDisabled = Switch("JVB_TCP_HARVESTER_DISABLED", true, "0 takes media over TCP too (ICE-TCP), for networks without UDP", "media-bridge");
    public static readonly Setting<int> JvbTcpPort = Number("JVB_TCP_PORT", 4443, 0, 65535, "The TCP port of media, where JVB_TCP_HARVESTER_DISABLED is 0", "media-bridge");
    public static readonly Setting<int> JvbTcpMappedPort = Number("JVB_TCP_MAPPED_PORT", 0, 0, 65535, "A TCP port, of a router or another address, that leads to JVB_TCP_PORT and is offered besides it; 0 for none", "media-bridge");
}
