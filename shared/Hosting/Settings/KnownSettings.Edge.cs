using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Servers of others that the edge passes on to.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<Uri?> EtherpadUrlBase = Url("ETHERPAD_URL_BASE", ["http", "https"], "The Etherpad that is passed on to at /etherpad/, for instance http://etherpad.meet.jitsi:9001; its documents are offered in calls", "edge-proxy");
    public static readonly Setting<Uri?> WhiteboardUrlBase = Url("WHITEBOARD_COLLAB_SERVER_URL_BASE", ["http", "https"], "The whiteboard server that is passed on to at /socket.io/, for instance http://whiteboard.meet.jitsi", "edge-proxy");
    public static readonly Setting<bool> WhiteboardEnabled = Switch("WHITEBOARD_ENABLED", true, "0 takes the whiteboard away although one of its addresses is set", "edge-proxy");
}
