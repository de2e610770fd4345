using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using JitsiMesh.Acme.Jose;
using JitsiMesh.Hosting.Certificates;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>A stored certificate, reduced to the properties that are needed here.</summary>
internal sealed record KeptCertificate(DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Thumbprint, string Issuer, bool CoversAll);

/// <summary>
/// The files of one authority, <c>MESH_DATA_DIR/certificates/acme/AUTHORITY</c>, and inside it of one certificate, <c>…/NAME</c>. Only the owner can read them. Each file is replaced as a whole, so that the process may die at any
/// line. Edges side by side share the folder; the edge that orders holds its lock.
/// </summary>
internal sealed class AcmeFolder
{
    private const int LargestFile = 256 * 1024;

    private readonly string _authority;
    private readonly string _own;

    public AcmeFolder(string dataDirectory, Uri authority, string name)
    {
        var path = (authority.Host + (authority.IsDefaultPort ? "" : FormattableString.Invariant($"_{authority.Port}")) + authority.AbsolutePath).Trim('/');
        _authority = Path.Combine(dataDirectory, "certificates", "acme", string.Concat(path.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')));
        _own = Path.Combine(_authority, name);
    }

    /// <summary>Key and chain in one file, so that a crash cannot leave a mismatched pair.</summary>
    public string CertificatePath => Path.Combine(_own, "certificate.pem");

    private string StatePath => Path.Combine(_own, "state.json");

    private string OrderKeyPath => Path.Combine(_own, "order.key");

    private string AccountPath => Path.Combine(_authority, "account.json");

    private string AccountKeyPath => Path.Combine(_authority, "account.key");

    /// <summary>The lock of the folder: one process holds it at a time, and the system releases it when that process dies. Null while another process holds it.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public IDisposable? TryLock()
    {
        CreateFolder(_authority);
        CreateFolder(_own);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(Path.Combine(_authority, "lock"), options);
        }
        catch (IOException) when (File.Exists(Path.Combine(_authority, "lock")))
        {
            return null;
        }
    }

    public AcmeState ReadState(IReadOnlyList<string> names) =>
        TryRead(StatePath) is { } text && AcmeState.Parse(text) is { } state && state.Names.SequenceEqual(names, StringComparer.Ordinal) ? state : new AcmeState { Names = names };

    public void WriteState(AcmeState state) => Write(StatePath, state.Write());

    public AcmeAccount? ReadAccount() => TryRead(AccountPath) is { } text ? AcmeAccount.Parse(text) : null;

    public void WriteAccount(AcmeAccount account) => Write(AccountPath, account.Write());

    public void ForgetAccount() => File.Delete(AccountPath);

    /// <summary>The account's key. Where no usable key is stored, a new one is created and stored.</summary>
    public AcmeKey AccountKey(out bool isNew)
    {
        isNew = false;
        if (TryRead(AccountKeyPath) is { } pem)
        {
            try
            {
                return AcmeKey.FromPem(pem);
            }
            catch (CryptographicException)
            {
                // Files are replaced whole, so this one was damaged from outside. It is kept under another name for the operator.
                File.Move(AccountKeyPath, AccountKeyPath + ".unusable", overwrite: true);
            }
        }

        isNew = true;
        var key = AcmeKey.Create();
        Write(AccountKeyPath, key.ExportPem() + "\n");
        return key;
    }

    /// <summary>The private key of the pending order; null without a pending order.</summary>
    public ECDsa? ReadOrderKey()
    {
        if (TryRead(OrderKeyPath) is not { } pem) return null;
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
    }

    public ECDsa NewOrderKey()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Write(OrderKeyPath, key.ExportPkcs8PrivateKeyPem() + "\n");
        return key;
    }

    public void WriteCertificate(string chain, string key)
    {
        Write(CertificatePath, chain.TrimEnd() + "\n" + key.TrimEnd() + "\n");
        File.Delete(OrderKeyPath);
    }

    /// <summary>The stored certificate; null where none is usable.</summary>
    public KeptCertificate? ReadCertificate(IReadOnlyList<string> names) => Look(CertificatePath, CertificatePath, names);

    /// <summary>Reads a pair without serving it.</summary>
    public static KeptCertificate? Look(string certificatePath, string keyPath, IReadOnlyList<string> names)
    {
        try
        {
            if (new FileInfo(certificatePath) is not { Exists: true, Length: <= LargestFile } || new FileInfo(keyPath) is not { Exists: true, Length: <= LargestFile }) return null;
            using var certificate = CertificateFiles.Load(certificatePath, keyPath).TargetCertificate;
            return new KeptCertificate(
                new DateTimeOffset(certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero),
                new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero),
                certificate.Thumbprint,
                certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true),
                names.All(n => certificate.MatchesHostname(n, allowWildcards: true, allowCommonName: false)));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string? TryRead(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= LargestFile } ? File.ReadAllText(path) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Write(string path, string text) => PrivateFile.Write(path, text);

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
