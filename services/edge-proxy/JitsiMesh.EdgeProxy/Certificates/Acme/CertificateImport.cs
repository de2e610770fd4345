namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>
/// Finds the certificate of docker-jitsi-meet: certbot's below <c>web/letsencrypt</c> (until 2022), acme.sh's below <c>web</c> or <c>storage/web</c> (since). An operator who migrates keeps the certificate, and
/// no order is made.
/// </summary>
internal static class CertificateImport
{
    /// <summary>The best certificate for these names; null for none.</summary>
    /// <param name="configDirectory">CONFIG.</param>
    /// <param name="dataDirectory">MESH_DATA_DIR, which is <c>CONFIG/storage/web</c> in containers.</param>
    /// <param name="names">Names that the certificate must cover; the first one names its folder.</param>
    /// <param name="isStaging">Whether only test certificates are accepted; otherwise none of them is.</param>
    /// <param name="now">UTC.</param>
    public static (string Certificate, string Key, KeptCertificate Kept)? Find(string configDirectory, string dataDirectory, IReadOnlyList<string> names, bool isStaging, DateTimeOffset now)
    {
        (string, string, KeptCertificate Kept)? best = null;
        foreach (var (certificate, key) in Candidates(configDirectory, dataDirectory, names[0]))
        {
            if (AcmeFolder.Look(certificate, key, names) is not { CoversAll: true } kept || kept.NotAfter <= now) continue;
            if (kept.Issuer.Contains("STAGING", StringComparison.OrdinalIgnoreCase) != isStaging) continue;
            if (best is null || kept.NotAfter > best.Value.Kept.NotAfter) best = (certificate, key, kept);
        }

        return best;
    }

    private static IEnumerable<(string Certificate, string Key)> Candidates(string config, string data, string name)
    {
        foreach (var root in new[] { Path.Combine(config, "web"), Path.Combine(config, "storage", "web"), data })
        {
            yield return (Path.Combine(root, "letsencrypt", "live", name, "fullchain.pem"), Path.Combine(root, "letsencrypt", "live", name, "privkey.pem"));
            yield return (Path.Combine(root, "acme-certs", name, "fullchain.pem"), Path.Combine(root, "acme-certs", name, "key.pem"));
            foreach (var folder in new[] { name + "_ecc", name })
            {
                yield return (Path.Combine(root, "acme.sh", folder, "fullchain.cer"), Path.Combine(root, "acme.sh", folder, name + ".key"));
            }
        }
    }
}
