namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>Why a directory request failed.</summary>
internal enum LdapFault
{
    /// <summary>The connection failed or was closed.</summary>
    Unreachable,

    /// <summary>The request timed out.</summary>
    TimedOut,

    /// <summary>Its certificate is not accepted (LDAP_TLS_CHECK_PEER).</summary>
    CertificateRefused,

    /// <summary>TLS failed: no common version or cipher, or no StartTLS on the server.</summary>
    TlsFailed,

    /// <summary>The bind of the search account (LDAP_BINDDN, LDAP_BINDPW) is refused.</summary>
    ServiceBindFailed,

    /// <summary>The server answered a search with an error.</summary>
    SearchFailed,

    /// <summary>An answer that is not LDAP, or does not match the request.</summary>
    BadAnswer,
}

/// <summary>A directory request failed. The message names the server and the cause, and never contains user input.</summary>
internal sealed class LdapException(LdapFault fault, LdapServer server, string message, Exception? inner = null) : Exception(message, inner)
{
    public LdapFault Fault => fault;

    public LdapServer Server => server;

    /// <summary>The setting to check.</summary>
    public string Setting => fault switch
    {
        LdapFault.CertificateRefused => "LDAP_TLS_CACERT_FILE, LDAP_TLS_CACERT_DIR, LDAP_TLS_CHECK_PEER",
        LdapFault.TlsFailed => server.StartTls ? "LDAP_START_TLS, LDAP_TLS_CIPHERS" : "LDAP_URL, LDAP_TLS_CIPHERS",
        LdapFault.ServiceBindFailed => "LDAP_BINDDN, LDAP_BINDPW",
        LdapFault.SearchFailed => "LDAP_BASE, LDAP_FILTER",
        _ => "LDAP_URL",
    };

    /// <summary>For counters: one of a few fixed names.</summary>
    public string Reason => fault switch
    {
        LdapFault.Unreachable => "ldap_unreachable",
        LdapFault.TimedOut => "ldap_timeout",
        LdapFault.CertificateRefused => "ldap_certificate",
        LdapFault.TlsFailed => "ldap_tls",
        LdapFault.ServiceBindFailed => "ldap_service_bind",
        LdapFault.SearchFailed => "ldap_search",
        _ => "ldap_answer",
    };
}
