using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using JitsiMesh.Hosting.Certificates;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Tcp;

/// <summary>
/// The certificate of XMPP over TCP: the pair that MESH_XMPP_TLS_CERT and MESH_XMPP_TLS_KEY name, else one that this service signs itself, once, and keeps. A replaced pair is picked up
/// without a restart; one that does not fit is named in the log, and the last good one stays.
/// </summary>
public sealed partial class StreamCertificate
{
    /// <summary>How often the operator's files are looked at; a handshake does not wait for the disk more often.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly WatchedCertificate? _operators;
    private readonly SslStreamCertificateContext? _own;
    private readonly TimeProvider _time;
    private readonly ILogger<StreamCertificate> _logger;
    private DateTimeOffset _lookedAt;

    /// <exception cref="SettingsException">One of the two settings alone, files that are no pair, or a folder where nothing can be kept.</exception>
    public StreamCertificate(MeshSettings settings, TimeProvider time, ILogger<StreamCertificate> logger)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _time = time;
        _logger = logger;
        var certificate = settings.Get(KnownSettings.XmppTlsCertificate);
        var key = settings.Get(KnownSettings.XmppTlsKey);
        if (certificate.Length > 0 != key.Length > 0) throw new SettingsException([$"{(key.Length > 0 ? KnownSettings.XmppTlsCertificate : KnownSettings.XmppTlsKey)}: a certificate and its key belong together, set both or none"]);
        _lookedAt = time.GetUtcNow();
        if (certificate.Length == 0)
        {
            _own = LoadOwn(settings);
            return;
        }

        _operators = new WatchedCertificate(certificate, key);
        if (Look(_operators) is { } problem) throw new SettingsException([problem]);
        if (_operators.Current is null) throw new SettingsException([$"{KnownSettings.XmppTlsCertificate}, {KnownSettings.XmppTlsKey}: there is no file '{(File.Exists(certificate) ? key : certificate)}'"]);
    }

    /// <summary>For one handshake.</summary>
    public SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = Current(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
    };

    private SslStreamCertificateContext Current()
    {
        if (_operators is null) return _own!;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (now - _lookedAt >= LookEvery)
            {
                _lookedAt = now;
                if (Look(_operators) is { } problem) LogUnusable(problem);
            }

            return _operators.Current!;
        }
    }

    /// <returns>What is wrong with the files, or null.</returns>
    private string? Look(WatchedCertificate files)
    {
        var look = files.Look(out var problem);
        if (look == CertificateLook.Loaded) LogUsing(files.CertificatePath, files.Current!.TargetCertificate.NotAfter);
        return look == CertificateLook.Unusable
            ? $"{KnownSettings.XmppTlsCertificate}, {KnownSettings.XmppTlsKey}: '{files.CertificatePath}' and '{files.KeyPath}' are not a certificate and its key in PEM: {problem}"
            : null;
    }

    private SslStreamCertificateContext LoadOwn(MeshSettings settings)
    {
        var path = Path.Combine(settings.DataDirectory, "certificates", "xmpp-self-signed.pem");
        try
        {
            // Another signalling of this machine may make it at the same time: the first one counts.
            if (!CertificateFiles.TryLoadValid(path, _time.GetUtcNow(), out var context))
            {
                string[] names = ["localhost", "127.0.0.1", "::1", System.Net.Dns.GetHostName(), settings.XmppDomain, settings.XmppAuthDomain, settings.XmppGuestDomain, settings.XmppHiddenDomain];
                CertificateFiles.KeepSelfSigned(path, [.. names.Distinct(StringComparer.OrdinalIgnoreCase)], _time.GetUtcNow());
                context = CertificateFiles.Load(path, path);
                LogMade(path);
            }

            return context;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SettingsException([$"{KnownSettings.XmppTlsCertificate}: unset, and the certificate cannot be kept in '{path}': {exception.Message}"]);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "XMPP over TCP uses the certificate {Path}, valid until {Until}")]
    private partial void LogUsing(string path, DateTime until);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "XMPP over TCP keeps the certificate that it has: {Reason}")]
    private partial void LogUnusable(string reason);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "XMPP over TCP uses a self-signed certificate, made now and kept as {Path}; clients must be told to take it")]
    private partial void LogMade(string path);
}
