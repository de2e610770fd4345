using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.EdgeProxy.Certificates;

/// <summary>Makes a certificate for a machine that has no other.</summary>
internal static class SelfSigned
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>The names by which this machine is reached: localhost, its own, and those of PUBLIC_URL and the advertised addresses.</summary>
    public static IReadOnlyList<string> Names(MeshSettings settings)
    {
        var names = new List<string> { "localhost", "127.0.0.1", "::1", Dns.GetHostName() };
        if (settings.PublicUrl is { } url) names.Add(new Uri(url).Host.Trim('[', ']'));
        names.AddRange(settings.AdvertisedAddresses.Select(a => a.Address.ToString()));
        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <returns>Certificate and key as PEM.</returns>
    public static (string Certificate, string Key) Create(IReadOnlyList<string> names, DateTimeOffset now)
    {
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

        // From yesterday on, since a browser's clock may be behind.
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
