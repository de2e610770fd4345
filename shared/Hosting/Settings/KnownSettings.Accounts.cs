using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Accounts: those of people, and those of services on XMPP_AUTH_DOMAIN and XMPP_HIDDEN_DOMAIN.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<string> AccountsDatabase = SecretText("MESH_ACCOUNTS_DATABASE", "empty for a file of SQLite, or a URL postgres://user:password@host/database", IsAccountsDatabase, "Where the accounts of AUTH_TYPE=internal are: postgres://user:password@host/database (?sslmode=require); the file accounts.db in MESH_DATA_DIR or CONFIG/auth when unset", "auth");
    public static readonly Setting<string> JibriXmppUser = Text("JIBRI_XMPP_USER", "jibri", "Account of the recorder on XMPP_AUTH_DOMAIN; there is one when JIBRI_XMPP_PASSWORD is set", "auth");
    public static readonly Setting<string> JigasiXmppUser = Text("JIGASI_XMPP_USER", "jigasi", "Account of the telephone gateway on XMPP_AUTH_DOMAIN; there is one when JIGASI_XMPP_PASSWORD is set", "auth");
    public static readonly Setting<string> JibriRecorderUser = Text("JIBRI_RECORDER_USER", "recorder", "Account with which the recorder enters rooms, on XMPP_HIDDEN_DOMAIN; there is one when JIBRI_RECORDER_PASSWORD is set", "auth");
    public static readonly Setting<string> JigasiTranscriberUser = Text("JIGASI_TRANSCRIBER_USER", "transcriber", "Account with which the transcriber enters rooms, on XMPP_HIDDEN_DOMAIN; there is one when JIGASI_TRANSCRIBER_PASSWORD is set", "auth");

    private static bool IsAccountsDatabase(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "postgres" or "postgresql" && uri.Host.Length > 0 && uri.AbsolutePath.Length > 1;
}
