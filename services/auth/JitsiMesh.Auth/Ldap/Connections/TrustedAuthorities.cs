using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace JitsiMesh.Auth.Ldap.Connections;

/// <summary>The certificates of a file and of a folder, together. They are read again when either has changed, so that an authority can be added while the service runs.</summary>
internal sealed class TrustedAuthorities(string file, string folder)
{
    private const long FileOctets = 4 << 20;

    private readonly Lock _gate = new();
    private X509Certificate2Collection? _read;
    private (DateTime File, DateTime Folder) _changed;

    /// <summary>If neither can be read, the collection is empty and no certificate is accepted.</summary>
    public X509Certificate2Collection Read()
    {
        var changed = (File.GetLastWriteTimeUtc(file), folder.Length > 0 && Directory.Exists(folder) ? Directory.GetLastWriteTimeUtc(folder) : default);
        lock (_gate)
        {
            if (_read is not null && changed == _changed) return _read;
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var found = new X509Certificate2Collection();
            foreach (var path in Paths())
            {
                foreach (var certificate in TryRead(path))
                {
                    if (seen.Add(certificate.Thumbprint)) found.Add(certificate);
                    else certificate.Dispose();
                }
            }

            _changed = changed;
            return _read = found;
        }
    }

    private IEnumerable<string> Paths()
    {
        if (File.Exists(file)) yield return file;
        if (folder.Length == 0 || !Directory.Exists(folder)) yield break;
        foreach (var path in Directory.EnumerateFiles(folder).Take(LdapLimits.AuthorityFiles)) yield return path;
    }

    // A folder of certificates contains other files too, and dangling links.
    private static X509Certificate2Collection TryRead(string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            var info = new FileInfo(path);
            if ((info.ResolveLinkTarget(true) as FileInfo ?? info) is not { Exists: true, Length: <= FileOctets }) return certificates;
            certificates.ImportFromPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // The certificates before the damaged one count.
        }

        return certificates;
    }
}
