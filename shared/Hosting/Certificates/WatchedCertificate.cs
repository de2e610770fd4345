using System.Net.Security;
using System.Security.Cryptography;

namespace JitsiMesh.Hosting.Certificates;

/// <summary>The result of checking the files.</summary>
public enum CertificateLook
{
    /// <summary>They are unchanged, or missing: the loaded certificate stays in use.</summary>
    Unchanged,

    /// <summary>A new certificate is in use.</summary>
    Loaded,

    /// <summary>They changed and cannot be used: the loaded certificate stays in use.</summary>
    Unusable,
}

/// <summary>A certificate and its key in files that another program replaces. Not thread-safe.</summary>
/// <param name="certificatePath">PEM, with the chain.</param>
/// <param name="keyPath">PEM; may be the same file.</param>
public sealed class WatchedCertificate(string certificatePath, string keyPath)
{
    private (DateTime, DateTime) _seen;

    public string CertificatePath => certificatePath;

    public string KeyPath => keyPath;

    /// <summary>The last one that could be used; null for none yet.</summary>
    public SslStreamCertificateContext? Current { get; private set; }

    /// <summary>Looks at the files, and loads them where they have changed.</summary>
    /// <param name="problem">Why they cannot be used.</param>
    public CertificateLook Look(out string problem)
    {
        problem = "";
        try
        {
            if (!File.Exists(certificatePath) || !File.Exists(keyPath)) return CertificateLook.Unchanged;
            var stamp = (File.GetLastWriteTimeUtc(certificatePath), File.GetLastWriteTimeUtc(keyPath));
            if (stamp == _seen) return CertificateLook.Unchanged;
            _seen = stamp;
            Current = CertificateFiles.Load(certificatePath, keyPath);
            return CertificateLook.Loaded;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            problem = e.Message;
            return CertificateLook.Unusable;
        }
    }
}
