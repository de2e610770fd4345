using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Settings that only docker-compose.yml reads.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<string> XmppServer = Text("XMPP_SERVER", "xmpp.meet.jitsi", "Another name of signalling on the containers' network, for what dials it there", "compose");
}
