using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Oidc;

/// <summary>
/// The key that all auth services share, from which the key of tokens and the keys of login cookies are derived. It is JWT_APP_SECRET where that is set. Otherwise it is generated
/// once: kept in the store, or, where the store does not outlive the process, in a file of mode 600. Loaded before the service listens.
/// </summary>
internal sealed partial class OidcKey(MeshSettings settings, IMeshStore store, TimeProvider time, ILogger<OidcKey> logger) : BackgroundService
{
    private const string Document = "auth-oidc-key";

    // Earlier versions stored the key in a field without a number; it takes precedence over all others.
    private const string Field = "key";
    private const int Octets = 32;

    private volatile byte[]? _made;

    /// <summary>The HMAC key that signs tokens.</summary>
    public byte[] OfTokens => Secret is { } secret ? secret : Derive("tokens");

    private byte[]? Secret => settings.Get(KnownSettings.JwtAppSecret) is { Length: > 0 } secret ? Encoding.UTF8.GetBytes(secret) : null;

    public static string PathOf(MeshSettings settings) =>
        Path.Combine(settings.IsSet(KnownSettings.DataDirectory) ? settings.DataDirectory : Path.Combine(settings.ConfigDirectory, "auth"), "oidc.key");

    /// <summary>Derives a key of 32 octets for one purpose.</summary>
    public byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Secret ?? _made ?? throw new InvalidOperationException("The key of logins is not loaded yet."), Octets, info: Encoding.UTF8.GetBytes("jitsimesh oidc " + purpose));

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override string ToString() => "key of logins";

    /// <exception cref="SettingsException">The file cannot be read or written.</exception>
    internal async Task LoadAsync(CancellationToken cancellation)
    {
        if (Secret is not null) return;
        _made = store.OutlivesProcess ? await OfStoreAsync(cancellation) : OfFile(PathOf(settings));
    }

    // If the store loses its content, the first auth service that notices writes the key again.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Secret is not null || !store.OutlivesProcess) return;
        using var timer = new PeriodicTimer(OidcLimits.SharedKeyReadInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    _made = await OfStoreAsync(stoppingToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    LogStore(failure.GetType().Name);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service is stopping.
        }
    }

    // Auth services that start at once each generate a key. All of them must use the same one before they serve a request, since a login may move from one service to another. Each writes a
    // field named by its epoch, and the lowest field is the key. The store refuses an epoch below one that has written, so no lower field can appear later.
    // If the store was emptied, this service writes its key back.
    private async Task<byte[]> OfStoreAsync(CancellationToken cancellation)
    {
        if (await KeptAsync(cancellation) is { } kept) return kept;
        var made = _made ?? RandomNumberGenerator.GetBytes(Octets);
        var epoch = await store.NextAsync(Document + "-epoch", cancellation);
        await store.WriteAsync(Document, epoch, new DocumentChange { Put = new Dictionary<string, byte[]> { [FormattableString.Invariant($"{Field}-{epoch:D19}")] = made } }, cancellation);
        return await KeptAsync(cancellation) ?? made;
    }

    private async Task<byte[]?> KeptAsync(CancellationToken cancellation) =>
        await store.ReadAsync(Document, cancellation) is { } document
            ? document.Fields.Where(field => field.Value.Length == Octets).OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => field.Value).FirstOrDefault()
            : null;

    private static byte[] OfFile(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                var fresh = $"{path}.{Environment.ProcessId}";
                var stream = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows()) stream.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                using (var file = new FileStream(fresh, stream)) file.Write(RandomNumberGenerator.GetBytes(Octets));
                try
                {
                    File.Move(fresh, path, overwrite: false);
                }
                catch (IOException) when (File.Exists(path))
                {
                    // Another process of this machine was faster.
                    File.Delete(fresh);
                }
            }

            var key = File.ReadAllBytes(path);
            return key.Length == Octets ? key : throw new SettingsException([$"{KnownSettings.DataDirectory.Name}: the file {path} is not a key of this server; remove it to generate a new one"]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"{KnownSettings.DataDirectory.Name}: the file {path} cannot be read or created ({failure.Message}), and {KnownSettings.JwtAppSecret.Name} is unset"]);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The key that auth services share cannot be read from the store ({Failure}); the known key remains in use")]
    private partial void LogStore(string failure);
}
