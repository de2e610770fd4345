using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>How a directory is asked whether a password is right (LDAP_AUTH_METHOD).</summary>
public enum LdapAuthMethod
{
    /// <summary>A search for the entry, and a bind as it.</summary>
    Bind,

    /// <summary>A search for the entry, and a comparison with its userPassword.</summary>
    Custom,

    /// <summary>A bind with a name that is made of the login name.</summary>
    Fastbind,
}

/// <summary>Logins by a directory (AUTH_TYPE=ldap).</summary>
public static partial class KnownSettings
{
    public static readonly Setting<string> LdapUrl = Text("LDAP_URL", "", "The directory: ldap:// or ldaps:// and a host; several, separated by blanks, are tried in order", "auth");
    public static readonly Setting<string> LdapBase = Text("LDAP_BASE", "", "The name below which people are searched; the root when unset", "auth");
    public static readonly Setting<string> LdapBindDn = Text("LDAP_BINDDN", "", "The account that searches; an anonymous search when unset", "auth");
    public static readonly Setting<string> LdapBindPassword = SecretText("LDAP_BINDPW", "a text", _ => true, "Password of LDAP_BINDDN", "auth");
    public static readonly Setting<string> LdapFilter = Text("LDAP_FILTER", "uid=%u", "How a login name (%u; %U and %d its parts) finds an entry, for instance (sAMAccountName=%u)", "auth");
    public static readonly Setting<LdapAuthMethod> LdapAuthMethod = Choice("LDAP_AUTH_METHOD", Settings.LdapAuthMethod.Bind, "bind (search, then bind as the entry), custom (compare userPassword) or fastbind (LDAP_FILTER is the name to bind with)", "auth");
    public static readonly Setting<int> LdapVersion = Number("LDAP_VERSION", 3, 2, 3, "Version of the protocol", "auth");
    public static readonly Setting<string> LdapTlsCiphers = Text("LDAP_TLS_CIPHERS", "", "Ciphers that are taken, in words of GnuTLS or OpenSSL, for instance SECURE256:SECURE128; what the system takes when unset", "auth");
    public static readonly Setting<bool> LdapTlsCheckPeer = Switch("LDAP_TLS_CHECK_PEER", true, "The directory's certificate must be valid", "auth");
    public static readonly Setting<string> LdapTlsCaCertFile = Text("LDAP_TLS_CACERT_FILE", "/etc/ssl/certs/ca-certificates.crt", "File of the authorities that may have issued it", "auth");
    public static readonly Setting<string> LdapTlsCaCertDirectory = Text("LDAP_TLS_CACERT_DIR", "/etc/ssl/certs", "Folder of further such authorities", "auth");
    public static readonly Setting<bool> LdapStartTls = Switch("LDAP_START_TLS", false, "An ldap:// connection becomes TLS before anything else is sent", "auth");
    public static readonly Setting<bool> LdapUseTls = Switch("LDAP_USE_TLS", false, "A connection without TLS is a mistake that ends the start", "auth");
    public static readonly Setting<string> LdapRealm = Text("LDAP_REALM", "", "What may stand behind the @ of a login name, as in user@realm; XMPP_DOMAIN when unset", "auth");
    public static readonly Setting<string> LdapModeratorGroups = Text("LDAP_MODERATOR_GROUPS", "", "Groups whose members moderate, and nobody else, separated by semicolons; the directory says nothing of moderating when unset", "auth");
    public static readonly Setting<string> LdapFeatureGroups = Text("LDAP_FEATURE_GROUPS", "", "Features and the group that has each, as feature=group, separated by semicolons (recording=CN=Recorders,DC=example)", "auth");
}
