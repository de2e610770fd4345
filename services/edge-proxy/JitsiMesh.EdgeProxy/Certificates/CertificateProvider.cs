using System.Net.Security;
using System.Security.Cryptography;
using JitsiMesh.EdgeProxy.Certificates.Acme;
using JitsiMesh.Hosting.Certificates;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Certificates;

/// <summary>The sources of the certificate, in order of precedence.</summary>
internal enum CertificateSource
{
    /// <summary><c>CONFIG/web/keys</c>.</summary>
    OwnFiles,

    /// <summary>ENABLE_LETSENCRYPT.</summary>
    Authority,

    SelfSigned,
}

/// <summary>
/// The certificate of the HTTPS port: the operator's pair <c>CONFIG/web/keys/cert.crt</c> and <c>cert.key</c> if it exists, else the certificate of an authority (<see cref="CertificateKeeper"/>), else a self-signed certificate that this
/// edge creates once and stores. A replaced certificate is picked up without a restart, for new connections. The log names a certificate that cannot be used, and the last good one stays.
/// </summary>
internal sealed partial class CertificateProvider
{
    /// <summary>How often the files are checked; handshakes do not wait for the disk more often.</summary>
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly WatchedCertificate _operators;
    private readonly WatchedCertificate? _ordered;
    private readonly string _ownFolder;
    private readonly MeshSettings _settings;
    private readonly TimeProvider _time;
    private readonly CertificateMetrics _metrics;
    private readonly ILogger<CertificateProvider> _logger;
    private SslStreamCertificateContext? _current;
    private SslStreamCertificateContext? _own;
    private DateTimeOffset _lookedAt;

    public CertificateProvider(MeshSettings settings, AcmePlan plan, TimeProvider time, CertificateMetrics metrics, ILogger<CertificateProvider> logger)
    {
        _settings = settings;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        var keys = Path.Combine(settings.ConfigDirectory, "web", "keys");
        _operators = new WatchedCertificate(Path.Combine(keys, "cert.crt"), Path.Combine(keys, "cert.key"));
        _ordered = plan.Folder is { } folder ? new WatchedCertificate(folder.CertificatePath, folder.CertificatePath) : null;
        _ownFolder = Path.Combine(settings.DataDirectory, "certificates");
    }

    /// <exception cref="SettingsException">There is no certificate, and a self-signed one cannot be stored.</exception>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                var now = _time.GetUtcNow();
                if (_current is not null && now - _lookedAt < CheckInterval) return _current;
                _lookedAt = now;
                return Choose();
            }
        }
    }

    /// <summary>The source of the current certificate.</summary>
    public CertificateSource Source
    {
        get
        {
            lock (_gate) return _operators.Current is not null ? CertificateSource.OwnFiles : _ordered?.Current is not null ? CertificateSource.Authority : CertificateSource.SelfSigned;
        }
    }

    /// <summary>Reads the files at the next handshake: they have changed.</summary>
    public void Invalidate()
    {
        lock (_gate)
        {
            _lookedAt = _time.GetUtcNow();
            Choose();
        }
    }

    private SslStreamCertificateContext Choose()
    {
        Look(_operators);
        if (_ordered is not null) Look(_ordered);
        var chosen = _operators.Current ?? _ordered?.Current ?? (_own ??= LoadOwn());
        if (ReferenceEquals(chosen, _current)) return chosen;
        _current = chosen;
        _metrics.Serves(chosen.TargetCertificate.NotAfter);
        if (ReferenceEquals(chosen, _own)) LogSelfSigned(_ownFolder);
        else LogUsing(_operators.Current is not null ? _operators.CertificatePath : _ordered!.CertificatePath, chosen.TargetCertificate.NotAfter.ToUniversalTime());
        return chosen;
    }

    private void Look(WatchedCertificate files)
    {
        if (files.Look(out var problem) == CertificateLook.Unusable) LogUnusable(files.CertificatePath, files.KeyPath, problem);
    }

    private SslStreamCertificateContext LoadOwn()
    {
        var files = new WatchedCertificate(Path.Combine(_ownFolder, "self-signed.crt"), Path.Combine(_ownFolder, "self-signed.key"));
        Look(files);
        if (files.Current is { } kept && kept.TargetCertificate.NotAfter > _time.GetLocalNow().DateTime) return kept;
        try
        {
            Directory.CreateDirectory(_ownFolder);
            var (certificate, key) = SelfSigned.Create(SelfSigned.Names(_settings), _time.GetUtcNow());
            PrivateFile.Write(files.CertificatePath, certificate);
            PrivateFile.Write(files.KeyPath, key);
            return CertificateFiles.Load(files.CertificatePath, files.KeyPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SettingsException([$"CONFIG: the certificate cannot be stored in '{_ownFolder}': {e.Message}"]);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "HTTPS uses the certificate {Path}, valid until {Until:yyyy-MM-dd HH:mm} UTC")]
    private partial void LogUsing(string path, DateTime until);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "The certificate {Certificate} with the key {Key} cannot be used: {Reason}")]
    private partial void LogUnusable(string certificate, string key, string reason);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "HTTPS uses a self-signed certificate, stored in {Folder}: browsers ask once, phone apps do not connect: the certificate is not publicly trusted (docs/certificates.md)")]
    private partial void LogSelfSigned(string folder);
}
