using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tokens.Keys;

/// <summary>
/// A set of keys in one document: a JSON Web Key Set (RFC 7517 section 5), or an object with a certificate or public key as PEM for each kid. It is fetched at its first
/// use, after its expiry, and for an unknown kid, the last at most once in <see cref="TokenLimits.UnknownKeyTime"/>. A newer set replaces the older one as a
/// whole; while its server is unreachable the set stays valid for <see cref="TokenLimits.StaleTime"/>.
/// </summary>
internal sealed partial class JwksKeys(Uri address, KeyDownload download, TimeProvider time, ILogger<JwksKeys> logger) : IKeySource
{
    private const int SetValues = 16 * 1024;

    private readonly Lock _gate = new();
    private Dictionary<string, TokenKey>? _keys;
    private DateTimeOffset _expires;
    private DateTimeOffset _retryAt;
    private bool _failed;
    private Task? _download;

    public async ValueTask<KeyAnswer> FindAsync(string keyId, CancellationToken cancellation)
    {
        Task? running;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now < _retryAt || (now < _expires && _keys?.ContainsKey(keyId) == true)) return Find(keyId, now);
            running = _download ??= Task.Run(DownloadAsync, CancellationToken.None);
        }

        await running.WaitAsync(cancellation);
        lock (_gate) return Find(keyId, time.GetUtcNow());
    }

    /// <summary>The keys of a document; false for an invalid document. A key of an unsupported kind is skipped, and so is the second of two keys with one kid.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> document, [NotNullWhen(true)] out Dictionary<string, TokenKey>? keys)
    {
        keys = null;
        if (!TokenJson.TryObject(document, SetValues, out var json)) return false;
        var found = new Dictionary<string, TokenKey>(StringComparer.Ordinal);
        if (json.Value.Member("keys") is { } set)
        {
            if (set.ValueKind != JsonValueKind.Array) return false;
            foreach (var jwk in set.EnumerateArray().Take(TokenLimits.Keys))
            {
                if (jwk.Member("kid") is { ValueKind: JsonValueKind.String } keyId && KeyReader.FromJwk(jwk) is { } key) found.TryAdd(keyId.GetString()!, key);
            }
        }
        else
        {
            foreach (var member in json.Value.EnumerateObject().Take(TokenLimits.Keys))
            {
                if (member.Value.ValueKind == JsonValueKind.String && KeyReader.FromPem(member.Value.GetString()!) is { } key) found.TryAdd(member.Name, key);
            }
        }

        keys = found;
        return true;
    }

    private async Task DownloadAsync()
    {
        var result = await download.GetAsync(address);
        Dictionary<string, TokenKey>? keys = null;
        if (result.Outcome != DownloadOutcome.Done) LogFailed(address.Host, result.Problem);
        else if (!TryRead(result.Content, out keys)) LogFailed(address.Host, "no set of keys");
        lock (_gate)
        {
            var now = time.GetUtcNow();
            _download = null;
            _failed = keys is null;
            if (keys is not null)
            {
                _keys = keys;
                _expires = now + result.Lifetime;
            }

            _retryAt = now + (_keys is null ? TokenLimits.FailureTime : TokenLimits.UnknownKeyTime);
        }
    }

    private KeyAnswer Find(string keyId, DateTimeOffset now)
    {
        if (_keys is null || now >= _expires + TokenLimits.StaleTime) return KeyAnswer.Unavailable;
        return _keys.TryGetValue(keyId, out var key) ? new KeyAnswer(key, true) : _failed ? KeyAnswer.Unavailable : KeyAnswer.None;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The set of keys of tokens could not be fetched from {Host}: {Problem}")]
    private partial void LogFailed(string host, string problem);
}
