using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace JitsiMesh.Acme.Certificates;

/// <summary>A certificate signing request (RFC 2986) for DNS names.</summary>
internal static class SigningRequest
{
    /// <returns>DER.</returns>
    public static byte[] Create(IReadOnlyList<string> names, ECDsa key)
    {
        // Names are only in the extension: the subject is not needed, and many authorities refuse one of over 64 characters.
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names) alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSigningRequest();
    }
}
