using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Certificates;

/// <summary>
/// The certificate of the HTTPS port: the operator's pair <c>CONFIG/web/keys/cert.crt</c> and <c>cert.key</c> if it is there, else one that
/// this edge signs itself, once, and keeps. A replaced pair is picked up without a restart; one that does not fit is named and the last good
/// one stays.
/// </summary>
internal sealed partial class CertificateProvider
{
    /// <summary>How often the operator's files are looked at; a handshake does not wait for the disk more often.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly string _certificatePath;
    private readonly string _keyPath;
    private readonly string _ownFolder;
    private readonly MeshSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateProvider> _logger;
    private SslStreamCertificateContext? _current;
    private DateTimeOffset _lookedAt;
    private (DateTime, DateTime) _seen;

    public CertificateProvider(MeshSettings settings, TimeProvider time, ILogger<CertificateProvider> logger)
    {
        _settings = settings;
        _time = time;
        _logger = logger;
        var keys = Path.Combine(settings.ConfigDirectory, "web", "keys");
        _certificatePath = Path.Combine(keys, "cert.crt");
        _keyPath = Path.Combine(keys, "cert.key");
        _ownFolder = Path.Combine(settings.DataDirectory, "certificates");
    }

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                var now = _time.GetUtcNow();
                if (_current is not null && now - _lookedAt < LookEvery) return _current;
                _lookedAt = now;
                return _current = LoadOperators() ?? _current ?? LoadOwn();
            }
        }
    }

    private SslStreamCertificateContext? LoadOperators()
    {
        if (!File.Exists(_certificatePath) || !File.Exists(_keyPath)) return null;
        var stamp = (File.GetLastWriteTimeUtc(_certificatePath), File.GetLastWriteTimeUtc(_keyPath));
        if (_current is not null && stamp == _seen) return null;
        _seen = stamp;
        try
        {
            var context = Load(_certificatePath, _keyPath);
            LogUsing(_certificatePath, context.TargetCertificate.NotAfter);
            return context;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            LogUnusable(_certificatePath, _keyPath, e.Message);
            return null;
        }
    }

    private SslStreamCertificateContext LoadOwn()
    {
        var certificatePath = Path.Combine(_ownFolder, "self-signed.crt");
        var keyPath = Path.Combine(_ownFolder, "self-signed.key");
        if (File.Exists(certificatePath) && File.Exists(keyPath))
        {
            try
            {
                var kept = Load(certificatePath, keyPath);
                if (kept.TargetCertificate.NotAfter > _time.GetLocalNow().DateTime) return kept;
            }
            catch (CryptographicException e)
            {
                LogUnusable(certificatePath, keyPath, e.Message);
            }
        }

        try
        {
            Directory.CreateDirectory(_ownFolder);
            var (certificate, key) = SelfSigned.Create(SelfSigned.Names(_settings), _time.GetUtcNow());
            File.WriteAllText(certificatePath, certificate);
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var writer = new StreamWriter(new FileStream(keyPath, options)))
            {
                writer.Write(key);
            }

            LogMade(certificatePath);
            return Load(certificatePath, keyPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"CONFIG: the certificate cannot be kept in '{_ownFolder}': {e.Message}"]);
        }
    }

    private static SslStreamCertificateContext Load(string certificatePath, string keyPath)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificatePath);
        using var pem = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "HTTPS uses the certificate {Path}, valid until {Until}")]
    private partial void LogUsing(string path, DateTime until);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "The certificate {Certificate} with the key {Key} cannot be used: {Reason}")]
    private partial void LogUnusable(string certificate, string key, string reason);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "HTTPS uses a self-signed certificate, made now and kept as {Path}; browsers ask once, phone apps refuse it")]
    private partial void LogMade(string path);
}
