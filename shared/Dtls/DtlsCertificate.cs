using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using JitsiMesh.Dtls.Native;

namespace JitsiMesh.Dtls;

/// <summary>
/// A self-signed ECDSA P-256 certificate with its key, for any number of <see cref="DtlsTransport"/>s in either role. One serves a whole
/// process; transports hold their own references, so it may be disposed before them.
/// </summary>
public sealed class DtlsCertificate : IDisposable
{
    private const string CipherSuites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256";

    private const string Groups = "X25519:P-256:P-384";

    private DtlsCertificate(SslContextHandle context, Fingerprint fingerprint)
    {
        Context = context;
        Fingerprint = fingerprint.Value;
    }

    /// <summary>SHA-256 over the DER form, as upper-case hexadecimal pairs separated by colons.</summary>
    public string Fingerprint { get; }

    internal SslContextHandle Context { get; }

    public static DtlsCertificate Create(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=JitsiMesh", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(notBefore, notAfter);
        var privateKey = key.ExportECPrivateKey();
        try
        {
            return new DtlsCertificate(CreateContext(certificate.RawData, privateKey), Dtls.Fingerprint.Sha256(certificate.RawData));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(privateKey);
        }
    }

    public void Dispose() => Context.Dispose();

    private static unsafe SslContextHandle CreateContext(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> privateKey)
    {
        var context = new SslContextHandle(OpenSsl.SSL_CTX_new(OpenSsl.DTLS_method()));
        try
        {
            Require(!context.IsInvalid, "SSL_CTX_new");
            OpenSsl.SSL_CTX_ctrl(context, OpenSsl.ControlMinimumVersion, OpenSsl.VersionDtls12, 0);
            OpenSsl.SSL_CTX_ctrl(context, OpenSsl.ControlMaximumVersion, OpenSsl.VersionDtls12, 0);
            OpenSsl.SSL_CTX_ctrl(context, OpenSsl.ControlSessionCacheMode, 0, 0);
            OpenSsl.SSL_CTX_set_options(
                context,
                OpenSsl.OptionNoQueryMtu | OpenSsl.OptionNoTicket | OpenSsl.OptionCipherServerPreference | OpenSsl.OptionNoRenegotiation);
            Require(OpenSsl.SSL_CTX_set_cipher_list(context, CipherSuites) == 1, "SSL_CTX_set_cipher_list");
            fixed (byte* groups = System.Text.Encoding.ASCII.GetBytes(Groups + '\0'))
            {
                Require(OpenSsl.SSL_CTX_ctrl(context, OpenSsl.ControlGroupsList, 0, (nint)groups) == 1, "SSL_CTX_set1_groups_list");
            }

            fixed (byte* der = certificate)
            {
                Require(OpenSsl.SSL_CTX_use_certificate_ASN1(context, certificate.Length, der) == 1, "SSL_CTX_use_certificate_ASN1");
            }

            fixed (byte* der = privateKey)
            {
                Require(OpenSsl.SSL_CTX_use_PrivateKey_ASN1(OpenSsl.KeyTypeEc, context, der, privateKey.Length) == 1, "SSL_CTX_use_PrivateKey_ASN1");
            }

            OpenSsl.SSL_CTX_set_verify(context, OpenSsl.VerifyPeer | OpenSsl.VerifyFailIfNoPeerCertificate, 0);
            OpenSsl.SSL_CTX_set_cert_verify_callback(context, &DtlsCallbacks.VerifyCertificate, 0);
            return context;
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    private static void Require(bool condition, string call)
    {
        if (!condition) throw new CryptographicException($"{call} failed: {OpenSslErrors.Take()}");
    }
}
