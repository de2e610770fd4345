using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Copies of logs in files.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<string> JvbLogFile = Text("JVB_LOG_FILE", "", "File that the bridge's log goes to as well; at 64 MB it becomes NAME.1 and a new one begins", "media-bridge");
    public static readonly Setting<string> JicofoLogFile = Text("JICOFO_LOG_FILE", "", "The same of focus", "focus");
    public static readonly Setting<string> JigasiLogFile = Text("JIGASI_LOG_FILE", "", "The same of the telephone gateway", "sip-gateway");
}
