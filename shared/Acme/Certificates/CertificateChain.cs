using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace JitsiMesh.Acme.Certificates;

/// <summary>A chain as issued by an authority (RFC 8555 section 7.4.2), validated before a server uses it.</summary>
/// <param name="Pem">The certificates, re-encoded without any other content.</param>
/// <param name="NotBefore">The start of its validity, UTC.</param>
/// <param name="NotAfter">The end of its validity, UTC.</param>
/// <param name="TopIssuer">The common name of the issuer of the last certificate.</param>
public sealed record CertificateChain(string Pem, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string TopIssuer)
{
    /// <summary>Parses a chain and compares it with the order.</summary>
    /// <param name="body">The authority's answer.</param>
    /// <param name="names">The names that it must cover.</param>
    /// <param name="key">The key that it must be for.</param>
    /// <param name="now">UTC.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="problem">The fault, as the end of a sentence.</param>
    internal static bool TryRead(ReadOnlyMemory<byte> body, IReadOnlyList<string> names, ECDsa key, DateTimeOffset now, [NotNullWhen(true)] out CertificateChain? chain, out string problem)
    {
        chain = null;
        var certificates = new X509Certificate2Collection();
        try
        {
            problem = "is not a chain of certificates in PEM";
            var text = Encoding.ASCII.GetString(body.Span);
            if (Count(text, "-----BEGIN ") is 0 or > AcmeLimits.ChainCertificates || text.Contains("PRIVATE KEY", StringComparison.Ordinal)) return false;
            certificates.ImportFromPem(text);
            if (certificates.Count == 0) return false;
            problem = Check(certificates, names, key, now);
            if (problem.Length > 0) return false;
            var pem = string.Concat(certificates.Select(c => c.ExportCertificatePem() + "\n"));
            var leaf = certificates[0];
            chain = new CertificateChain(pem, Utc(leaf.NotBefore), Utc(leaf.NotAfter), certificates[^1].GetNameInfo(X509NameType.SimpleName, forIssuer: true));
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            problem = "is not a chain of certificates in PEM";
            return false;
        }
        finally
        {
            foreach (var certificate in certificates) certificate.Dispose();
        }
    }

    private static string Check(X509Certificate2Collection certificates, IReadOnlyList<string> names, ECDsa key, DateTimeOffset now)
    {
        var leaf = certificates[0];
        if (!leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())) return "is for another key";
        foreach (var name in names)
        {
            if (!leaf.MatchesHostname(name, allowWildcards: true, allowCommonName: false)) return $"is not for {name}";
        }

        if (Utc(leaf.NotAfter) <= now) return "has ended already";
        for (var i = 1; i < certificates.Count; i++)
        {
            if (!certificates[i - 1].IssuerName.RawData.AsSpan().SequenceEqual(certificates[i].SubjectName.RawData)) return "is not in order: each certificate must be signed by the one after it";
        }

        return "";
    }

    private static DateTimeOffset Utc(DateTime local) => new(local.ToUniversalTime(), TimeSpan.Zero);

    private static int Count(string text, string what)
    {
        var count = 0;
        for (var at = text.IndexOf(what, StringComparison.Ordinal); at >= 0; at = text.IndexOf(what, at + what.Length, StringComparison.Ordinal)) count++;
        return count;
    }
}
