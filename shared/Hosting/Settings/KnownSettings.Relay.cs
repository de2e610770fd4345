using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The TURN relay of the edge, for networks without UDP. TURN servers of others are TURN_HOST and TURNS_HOST.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<bool> TurnRelay = Switch("MESH_TURN", true, "Relay media to the bridges for clients whose network lets no UDP through: TURN on the ports of HTTP and HTTPS, of which clients are told when PUBLIC_URL is set", "edge-proxy, signalling");
    public static readonly Setting<BindPort?> TurnUdp = OptionalPort("MESH_TURN_UDP", "UDP port of the same relay, 3478 by custom; off when unset", "edge-proxy, signalling");
    public static readonly Setting<string> TurnSecret = Secret("MESH_TURN_SECRET", "Secret of which signalling makes the credentials for the edge's relay; without it there is none but in one process, which makes its own", "signalling, edge-proxy");
}
