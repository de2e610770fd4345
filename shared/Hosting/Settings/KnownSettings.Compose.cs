using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Settings that only docker-compose.yml and the files beside it read.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<string> JicofoRestPort = Text("JICOFO_REST_PORT", "8888", "Port of this machine's loopback that has focus's inner pages in containers; a range such as 8888-8889 for several of it", "compose");
    public static readonly Setting<string> JvbColibriPort = Text("JVB_COLIBRI_PORT", "8080", "Port of this machine's loopback that has the bridge's inner pages in containers", "compose");
    public static readonly Setting<BindPort> SecondBridgePort = Port("MESH_SECOND_BRIDGE_PORT", 10001, "The UDP port of the second bridge in containers (COMPOSE_PROFILES=second-bridge)", "compose");
    public static readonly Setting<int> OpenFiles = Number("MESH_OPEN_FILES", 65536, 1024, 1048576, "Files and sockets that a container may have open; an engine without rights cannot give more than it has itself", "compose");
    public static readonly Setting<string> Ipv6Subnet = Text("MESH_IPV6_SUBNET", "fd6a:6d65:6574::/64", "The containers' range of IPv6 addresses with ipv6.yml", "compose");
    public static readonly Setting<string> GrafanaPassword = SecretText("MESH_GRAFANA_PASSWORD", "a text", static _ => true, "Password of Grafana's account admin in grafana.yml, which counts when its volume is new; ./gen-passwords.sh makes one", "compose");
    public static readonly Setting<string> EtherpadTitle = Text("ETHERPAD_TITLE", "", "Title of the pages of etherpad.yml", "compose");
    public static readonly Setting<string> EtherpadText = Text("ETHERPAD_DEFAULT_PAD_TEXT", "", "Text of a new document of etherpad.yml", "compose");
    public static readonly Setting<string> EtherpadSkin = Text("ETHERPAD_SKIN_NAME", "colibris", "Skin of etherpad.yml", "compose");
    public static readonly Setting<string> EtherpadSkinVariants = Text("ETHERPAD_SKIN_VARIANTS", "super-light-toolbar super-light-editor light-background full-width-editor", "Variants of that skin", "compose");
}
