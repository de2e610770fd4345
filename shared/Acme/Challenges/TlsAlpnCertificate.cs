using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace JitsiMesh.Acme.Challenges;

/// <summary>The certificate that proves control of a name in a TLS handshake (RFC 8737 section 3).</summary>
public static class TlsAlpnCertificate
{
    /// <summary>The only protocol that an authority offers; the server must select it.</summary>
    public const string Protocol = "acme-tls/1";

    /// <summary>id-pe-acmeIdentifier.</summary>
    public const string Extension = "1.3.6.1.5.5.7.1.31";

    public static X509Certificate2 Create(string name, string keyAuthorization, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ACME challenge", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var digest = new AsnWriter(AsnEncodingRules.DER);
        digest.WriteOctetString(SHA256.HashData(Encoding.UTF8.GetBytes(keyAuthorization)));
        request.CertificateExtensions.Add(new X509Extension(Extension, digest.Encode(), critical: true));
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(7));

        // TLS on some platforms cannot use an ephemeral key, so it is reimported.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
