using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The search for people.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<bool> DirectorySearch = Switch("MESH_DIRECTORY", false, "People can be searched in directories, at /people-search", "auth, edge-proxy");
    public static readonly Setting<string> DirectoryConfig = Text("MESH_DIRECTORY_CONFIG", "", "A JSON file of the directories; the one of LDAP_URL when unset", "auth");
    public static readonly Setting<bool> DirectoryOpen = Switch("MESH_DIRECTORY_OPEN", false, "Everybody may search, also without a login", "auth");
    public static readonly Setting<TimeSpan> DirectoryTimeout = Seconds("MESH_DIRECTORY_TIMEOUT", 2, 1, 30, "How long a directory may take; one that is slower leaves its people out", "auth");
}
