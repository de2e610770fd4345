using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The fallbacks for networks that block WebSockets are always available: BOSH beside ENABLE_XMPP_WEBSOCKET, data channels beside this one.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<bool> EnableColibriWebsocket = Switch("ENABLE_COLIBRI_WEBSOCKET", true, "Offer the bridge channel over a WebSocket, too, where PUBLIC_URL is set; 0 leaves data channels", "media-bridge");
}
