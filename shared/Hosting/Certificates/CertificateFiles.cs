using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace JitsiMesh.Hosting.Certificates;

/// <summary>Certificates of TLS servers in PEM files, and those that a machine without any signs itself.</summary>
public static class CertificateFiles
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads a certificate with its chain and its key; both may be in one file.</summary>
    /// <exception cref="CryptographicException">They do not fit, or are none.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static SslStreamCertificateContext Load(string certificatePath, string keyPath)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificatePath);
        using var pem = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    /// <summary>Reads the certificate stored by <see cref="KeepSelfSigned"/>; false when it does not exist, cannot be used, or has expired.</summary>
    public static bool TryLoadValid(string path, DateTimeOffset now, [NotNullWhen(true)] out SslStreamCertificateContext? context)
    {
        context = null;
        if (!File.Exists(path)) return false;
        try
        {
            context = Load(path, path);
        }
        catch (CryptographicException)
        {
            return false;
        }

        return context.TargetCertificate.NotAfter.ToUniversalTime() > now.UtcDateTime;
    }

    /// <summary>
    /// Creates a certificate and stores it with its key in one file that only its owner can read. The file is never partially written, and permissions for other readers of an
    /// existing file are kept.
    /// </summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void KeepSelfSigned(string path, IReadOnlyList<string> names, DateTimeOffset now)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var (certificate, key) = CreateSelfSigned(names, now);
        PrivateFile.Write(path, $"{certificate}\n{key}\n");
    }

    /// <returns>Certificate and key as PEM.</returns>
    public static (string Certificate, string Key) CreateSelfSigned(IReadOnlyList<string> names, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(names);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=JitsiMesh self-signed", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));

        // Valid from yesterday on, because a client's clock may be behind.
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
