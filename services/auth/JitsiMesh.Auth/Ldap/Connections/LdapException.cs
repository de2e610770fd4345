namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>Why a directory could not be asked.</summary>
internal enum LdapFault
{
    /// <summary>No connection, or it ended.</summary>
    Unreachable,

    /// <summary>No answer within the time.</summary>
    TimedOut,

    /// <summary>Its certificate is not accepted (LDAP_TLS_CHECK_PEER).</summary>
    CertificateRefused,

    /// <summary>No TLS: no common version or cipher, or the server knows no StartTLS.</summary>
    TlsFailed,

    /// <summary>The account that searches (LDAP_BINDDN, LDAP_BINDPW) is refused.</summary>
    ServiceBindFailed,

    /// <summary>A search is answered with an error.</summary>
    SearchFailed,

    /// <summary>An answer that is not LDAP, or not to what was asked.</summary>
    BadAnswer,
}

/// <summary>A directory could not be asked. The message names the server and what is wrong, and nothing that a person typed.</summary>
internal sealed class LdapException(LdapFault fault, LdapServer server, string message, Exception? inner = null) : Exception(message, inner)
{
    public LdapFault Fault => fault;

    public LdapServer Server => server;

    /// <summary>The setting to look at.</summary>
    public string Setting => fault switch
    {
        LdapFault.CertificateRefused => "LDAP_TLS_CACERT_FILE, LDAP_TLS_CACERT_DIR, LDAP_TLS_CHECK_PEER",
        LdapFault.TlsFailed => server.StartTls ? "LDAP_START_TLS, LDAP_TLS_CIPHERS" : "LDAP_URL, LDAP_TLS_CIPHERS",
        LdapFault.ServiceBindFailed => "LDAP_BINDDN, LDAP_BINDPW",
        LdapFault.SearchFailed => "LDAP_BASE, LDAP_FILTER",
        _ => "LDAP_URL",
    };

    /// <summary>For counters: one of few.</summary>
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
