using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>TLS settings of directories: trusted authorities, versions and ciphers.</summary>
/// <param name="checkPeer">LDAP_TLS_CHECK_PEER.</param>
/// <param name="authorities">LDAP_TLS_CACERT_FILE and LDAP_TLS_CACERT_DIR.</param>
/// <param name="ciphers">LDAP_TLS_CIPHERS, or null for the system's default.</param>
internal sealed class LdapTls(bool checkPeer, TrustedAuthorities authorities, CipherList? ciphers)
{
    public bool ChecksPeer => checkPeer;

    public CertificateCheck NewCheck(LdapServer server) => new(server, checkPeer);

    public SslClientAuthenticationOptions OptionsFor(LdapServer server, CertificateCheck check)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = server.Host,
            EnabledSslProtocols = ciphers?.Protocols ?? (SslProtocols.Tls12 | SslProtocols.Tls13),
            RemoteCertificateValidationCallback = check.Validate,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = new X509ChainPolicy
            {
                RevocationMode = X509RevocationMode.NoCheck,
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                DisableCertificateDownloads = true,
            },
        };
        if (checkPeer) options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities.Read());
        if (ciphers is not null && !OperatingSystem.IsWindows() && !OperatingSystem.IsAndroid() && !OperatingSystem.IsIOS() && !OperatingSystem.IsTvOS()) options.CipherSuitesPolicy = new CipherSuitesPolicy(ciphers.Suites);
        return options;
    }
}

/// <summary>The check of one server's certificate, with the reason of a refusal.</summary>
internal sealed class CertificateCheck(LdapServer server, bool checkPeer)
{
    /// <summary>Why it was refused, as text; null if it was not.</summary>
    public string? Refusal { get; private set; }

    public bool Verified { get; private set; }

    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (!checkPeer) return true;
        Verified = errors == SslPolicyErrors.None;
        if (Verified) return true;
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        Refusal = errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "the server sent no certificate"
            : status.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "it has expired or is not valid yet"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? $"it was not issued by a trusted authority ({status})"
            : $"it is not for the name {server.Host}";
        return false;
    }
}
