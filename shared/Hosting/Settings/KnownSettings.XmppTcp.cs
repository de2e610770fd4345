using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>XMPP over TCP, for recorders, gateways and bots of Jitsi's and others' making.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<BindPort?> XmppTcp = OptionalPort("MESH_XMPP_TCP", "Port for XMPP over TCP with STARTTLS, 5222 by custom; off when unset. Without an address it is an inner port (MESH_LISTEN_ADDRESS)", "signalling");
    public static readonly Setting<string> XmppTlsCertificate = Text("MESH_XMPP_TLS_CERT", "", "PEM file with the certificate of MESH_XMPP_TCP and its chain; a self-signed one in MESH_DATA_DIR when unset", "signalling");
    public static readonly Setting<string> XmppTlsKey = Text("MESH_XMPP_TLS_KEY", "", "PEM file with the key of MESH_XMPP_TLS_CERT", "signalling");
}
