using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>How a certificate is to be proved for: what the authority offers, or one way alone.</summary>
public enum AcmeChallengeChoice
{
    Auto,
    Http,
    Tls,
}

/// <summary>Certificates by ACME, from Let's Encrypt or another authority. Their values are judged by edge-proxy, which runs without a certificate where they are not valid together.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<bool> EnableLetsEncrypt = Switch("ENABLE_LETSENCRYPT", false, "Get and renew a certificate from Let's Encrypt, or from LETSENCRYPT_ACME_SERVER (docs/certificates.md)", "edge-proxy");
    public static readonly Setting<string> LetsEncryptDomain = Text("LETSENCRYPT_DOMAIN", "", "Names on the certificate, comma separated; the first one is that of PUBLIC_URL", "edge-proxy");
    public static readonly Setting<string> LetsEncryptEmail = Text("LETSENCRYPT_EMAIL", "", "Mail address of the account at the authority; needed, and used for nothing else", "edge-proxy");
    public static readonly Setting<bool> LetsEncryptStaging = Switch("LETSENCRYPT_USE_STAGING", false, "Ask the authority's test server, whose certificates nobody trusts", "edge-proxy");
    public static readonly Setting<string> LetsEncryptServer = Text("LETSENCRYPT_ACME_SERVER", "letsencrypt", "The authority: letsencrypt, zerossl, buypass, google, sslcom, or the URL of an ACME directory", "edge-proxy");
    public static readonly Setting<string> AcmeKeyId = Text("MESH_ACME_EAB_KID", "", "Key id of the external account, for authorities that want one (zerossl, google, sslcom)", "edge-proxy");
    public static readonly Setting<string> AcmeKeySecret = SecretText("MESH_ACME_EAB_HMAC_KEY", "a text", _ => true, "Secret of MESH_ACME_EAB_KID, in base64url as the authority shows it", "edge-proxy");
    public static readonly Setting<AcmeChallengeChoice> AcmeChallenge = Choice("MESH_ACME_CHALLENGE", AcmeChallengeChoice.Auto, "How names are proved: http (port 80), tls (port 443), or auto for the one and after a failure the other", "edge-proxy");
    public static readonly Setting<string> AcmePreferredChain = Text("MESH_ACME_PREFERRED_CHAIN", "", "Common name of the root that the chain should lead to, where the authority has several; its own choice when unset", "edge-proxy");
    public static readonly Setting<string> AcmeAuthorities = Text("MESH_ACME_CA_FILE", "", "PEM file of what the authority's own HTTPS is trusted by, for one inside of a company; the system's when unset", "edge-proxy");
}
