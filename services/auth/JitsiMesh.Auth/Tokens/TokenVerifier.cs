using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using JitsiMesh.Auth.Tokens.Keys;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Auth.Tokens;

/// <param name="Context">The attributes that the token vouches for, if it is valid.</param>
/// <param name="Refusal">Otherwise the first check that failed.</param>
internal readonly record struct TokenVerdict(SessionContext? Context, TokenRefusal? Refusal);

/// <summary>
/// Verifies a token as Jitsi does (RFC 7515 section 5.2, RFC 7519 section 7.2): form, header, key, signature, times, claims, in this order, up to the first failure. Keys that a
/// token contains or refers to (<c>jwk</c>, <c>jku</c>, <c>x5c</c>, <c>x5u</c>) are ignored.
/// </summary>
internal sealed class TokenVerifier(TokenOptions options, IKeySource? keys, TimeProvider time)
{
    private readonly TokenClaimsReader _claims = new(options, time);

    /// <param name="token">As received; not empty.</param>
    /// <param name="tenant">The tenant of the session's URL; empty for none.</param>
    /// <param name="check">Records the checks; null for logins.</param>
    /// <param name="cancellation">Cancels the wait for a key.</param>
    public async ValueTask<TokenVerdict> VerifyAsync(string token, string tenant, TokenCheck? check, CancellationToken cancellation)
    {
        if (!CompactToken.TryRead(token, out var read, out var refusal))
        {
            check?.Failed("form", refusal, FormHint(token, refusal));
            return new TokenVerdict(null, refusal);
        }

        check?.Passed("form", FormattableString.Invariant($"three parts, {token.Length} characters"));
        if (!TryReadHeader(read.Header, out var algorithm, out var keyId, out var failed, out refusal, out var hint))
        {
            check?.Failed(failed, refusal, hint);
            return new TokenVerdict(null, refusal);
        }

        check?.Passed("header", keyId is null ? $"typ JWT, alg {algorithm.Name}" : $"typ JWT, alg {algorithm.Name}, kid {keyId}");
        var (key, why) = await FindKeyAsync(algorithm, keyId, cancellation);
        if (key is null)
        {
            check?.Failed("key", why!, keyId is null ? null : KeyHint(why!));
            return new TokenVerdict(null, why);
        }

        if (!key.Serves(algorithm))
        {
            check?.Failed("key", TokenRefusal.BadAlgorithm, $"the key does not match {algorithm.Name}");
            return new TokenVerdict(null, TokenRefusal.BadAlgorithm);
        }

        check?.Passed("key", keyId is null ? "JWT_APP_SECRET" : "found by its kid");
        if (!key.Verify(algorithm, read.Signed, read.Signature))
        {
            check?.Failed("signature", TokenRefusal.BadSignature, keyId is null ? "it was made with another secret, or the token was modified" : "it was made with another key, or the token was modified");
            return new TokenVerdict(null, TokenRefusal.BadSignature);
        }

        check?.Passed("signature", "good");
        return _claims.Read(read.Payload, tenant, check);
    }

    private bool TryReadHeader(JsonElement header, [NotNullWhen(true)] out TokenAlgorithm? algorithm, out string? keyId, out string failed, [NotNullWhen(false)] out TokenRefusal? refusal, out string? hint)
    {
        algorithm = null;
        keyId = null;
        hint = null;
        failed = "kid";
        if (options.Secret is null)
        {
            refusal = TokenRefusal.NoKeyId;
            if (header.Member("kid") is not { ValueKind: JsonValueKind.String } named || named.GetString() is not { Length: > 0 } text) return false;
            refusal = TokenRefusal.UnknownKey;
            hint = "the kid is too long";
            if (text.Length > TokenLimits.KeyIdCharacters) return false;
            keyId = text;
        }

        failed = "alg";
        hint = null;
        refusal = TokenRefusal.NoAlgorithm;
        if (header.Member("alg") is not { } alg) return false;
        failed = "typ";
        refusal = TokenRefusal.BadType;
        hint = "it must be JWT";
        if (header.Member("typ") is not { ValueKind: JsonValueKind.String } type || !type.ValueEquals("JWT")) return false;
        failed = "alg";
        refusal = TokenRefusal.BadAlgorithm;
        hint = $"accepted: {string.Join(", ", options.Algorithms.Select(a => a.Name).Order(StringComparer.Ordinal))}";
        if (alg.ValueKind != JsonValueKind.String || TokenAlgorithm.Find(alg.GetString()!) is not { } found || !options.Algorithms.Contains(found)) return false;

        // RFC 7515 section 4.1.11: a critical extension must be understood, and none is supported.
        failed = "crit";
        refusal = TokenRefusal.CriticalHeader;
        hint = null;
        if (header.TryGetProperty("crit", out _)) return false;
        algorithm = found;
        refusal = null;
        return true;
    }

    private async ValueTask<(TokenKey? Key, TokenRefusal? Refusal)> FindKeyAsync(TokenAlgorithm algorithm, string? keyId, CancellationToken cancellation)
    {
        if (algorithm.IsShared) return (options.Secret, options.Secret is null ? TokenRefusal.BadAlgorithm : null);
        if (keys is null || keyId is null) return (null, TokenRefusal.UnknownKey);
        var answer = await keys.FindAsync(keyId, cancellation);
        return (answer.Key, answer.Key is not null ? null : answer.IsKnown ? TokenRefusal.UnknownKey : TokenRefusal.KeyServerDown);
    }

    private static string FormHint(string token, TokenRefusal refusal) =>
        token.Length > TokenLimits.TokenCharacters ? FormattableString.Invariant($"longer than {TokenLimits.TokenCharacters} characters")
        : refusal == TokenRefusal.NoToken ? FormattableString.Invariant($"{token.Count(c => c == '.') + 1} parts instead of three")
        : refusal == TokenRefusal.BadSignature ? "the third part is not base64url"
        : "header or payload is not base64url, or the header is not a JSON object with unique names";

    private static string KeyHint(TokenRefusal refusal) => refusal == TokenRefusal.UnknownKey ? "the server has no such key" : "the server is unreachable, or gave an invalid answer";
}
