using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>What docker-compose.yml alone reads.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<string> XmppServer = Text("XMPP_SERVER", "xmpp.meet.jitsi", "Another name of signalling on the containers' network, for what dials it there", "compose");
}
