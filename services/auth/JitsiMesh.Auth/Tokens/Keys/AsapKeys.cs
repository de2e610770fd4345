using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tokens.Keys;

/// <summary>
/// Keys of a folder with one file for each key: <c>FOLDER/hex(SHA-256(kid)).pem</c>, so that a token's kid cannot become a path. Each is fetched once and again after its
/// expiry. A key that the server no longer has is dropped; while the server is unreachable a key stays valid for <see cref="TokenLimits.StaleTime"/>.
/// </summary>
internal sealed partial class AsapKeys(Uri folder, KeyDownload download, TimeProvider time, ILogger<AsapKeys> logger) : IKeySource
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kept> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Unknown> _unknown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<KeyAnswer>> _downloads = new(StringComparer.Ordinal);
    private DateTimeOffset _windowEnd;
    private int _newDownloads;

    public async ValueTask<KeyAnswer> FindAsync(string keyId, CancellationToken cancellation)
    {
        Task<KeyAnswer>? running;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_keys.TryGetValue(keyId, out var kept))
            {
                kept.Used = now;
                if (now < kept.Expires || now < kept.RetryAt) return new KeyAnswer(kept.Key, true);
            }
            else if (_unknown.TryGetValue(keyId, out var unknown) && now < unknown.Until)
            {
                return unknown.Answer;
            }

            if (!_downloads.TryGetValue(keyId, out running))
            {
                if (kept is null && !MayAskForAnother(now)) return KeyAnswer.Unavailable;
                _downloads[keyId] = running = Task.Run(() => DownloadAsync(keyId), CancellationToken.None);
            }
        }

        return await running.WaitAsync(cancellation);
    }

    internal static Uri AddressOf(Uri folder, string keyId) =>
        new($"{folder.AbsoluteUri.TrimEnd('/')}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(keyId)))}.pem");

    private async Task<KeyAnswer> DownloadAsync(string keyId)
    {
        var result = await download.GetAsync(AddressOf(folder, keyId));
        var key = result.Outcome == DownloadOutcome.Done ? KeyReader.FromPem(Encoding.UTF8.GetString(result.Content)) : null;
        if (key is null && result.Outcome != DownloadOutcome.Missing) LogFailed(folder.Host, result.Outcome == DownloadOutcome.Done ? "no public key in it" : result.Problem);
        lock (_gate)
        {
            _downloads.Remove(keyId);
            var now = time.GetUtcNow();
            if (key is not null)
            {
                _unknown.Remove(keyId);
                if (_keys.Count >= TokenLimits.Keys && !_keys.ContainsKey(keyId)) _keys.Remove(_keys.MinBy(pair => pair.Value.Used).Key);
                _keys[keyId] = new Kept(key) { Expires = now + result.Lifetime, Used = now };
                return new KeyAnswer(key, true);
            }

            if (result.Outcome == DownloadOutcome.Missing)
            {
                _keys.Remove(keyId);
                return Remember(keyId, KeyAnswer.None, now, TokenLimits.UnknownKeyTime);
            }

            if (_keys.TryGetValue(keyId, out var kept) && now < kept.Expires + TokenLimits.StaleTime)
            {
                kept.RetryAt = now + TokenLimits.UnknownKeyTime;
                return new KeyAnswer(kept.Key, true);
            }

            _keys.Remove(keyId);
            return Remember(keyId, KeyAnswer.Unavailable, now, TokenLimits.FailureTime);
        }
    }

    private KeyAnswer Remember(string keyId, KeyAnswer answer, DateTimeOffset now, TimeSpan duration)
    {
        if (_unknown.Count >= TokenLimits.UnknownKeys)
        {
            foreach (var past in _unknown.Where(pair => pair.Value.Until <= now).Select(pair => pair.Key).ToList()) _unknown.Remove(past);
            if (_unknown.Count >= TokenLimits.UnknownKeys) _unknown.Clear();
        }

        _unknown[keyId] = new Unknown(answer, now + duration);
        return answer;
    }

    private bool MayAskForAnother(DateTimeOffset now)
    {
        if (now >= _windowEnd)
        {
            _windowEnd = now + TokenLimits.UnknownKeyWindow;
            _newDownloads = 0;
        }

        return ++_newDownloads <= TokenLimits.NewKeyDownloads;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "A key of tokens could not be fetched from {Host}: {Problem}")]
    private partial void LogFailed(string host, string problem);

    private sealed class Kept(TokenKey key)
    {
        public TokenKey Key { get; } = key;

        public DateTimeOffset Expires { get; init; }

        public DateTimeOffset RetryAt { get; set; }

        public DateTimeOffset Used { get; set; }
    }

    private readonly record struct Unknown(KeyAnswer Answer, DateTimeOffset Until);
}
