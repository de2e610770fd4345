using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace JitsiMesh.Auth.Tokens;

/// <summary>The content of a new token.</summary>
internal sealed record TokenContent
{
    public required string Issuer { get; init; }

    public required string Audience { get; init; }

    public required string Subject { get; init; }

    /// <summary>A room, or <c>*</c> for any.</summary>
    public string Room { get; init; } = "*";

    public string? UserId { get; init; }

    public string? UserName { get; init; }

    public string? Email { get; init; }

    /// <summary>The URL of a picture.</summary>
    public string? Avatar { get; init; }

    public bool? Moderator { get; init; }

    public string? Group { get; init; }

    /// <summary>Allowed features; empty for a token without a feature claim.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Denied features.</summary>
    public IReadOnlyList<string> DeniedFeatures { get; init; } = [];

    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>Issues tokens that <see cref="TokenVerifier"/> accepts.</summary>
internal static class TokenMaker
{
    /// <param name="content">Its content.</param>
    /// <param name="algorithm">The algorithm, of the kind of the signature.</param>
    /// <param name="keyId">The kid, or null.</param>
    /// <param name="now">The time of issue.</param>
    /// <param name="sign">Signs the octets of header and payload.</param>
    public static string Make(TokenContent content, TokenAlgorithm algorithm, string? keyId, DateTimeOffset now, Func<byte[], byte[]> sign)
    {
        var header = TokenJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("typ", "JWT");
            writer.WriteString("alg", algorithm.Name);
            if (keyId is not null) writer.WriteString("kid", keyId);
            writer.WriteEndObject();
        });
        var signed = $"{Encode(header)}.{Encode(TokenJson.Write(writer => Write(writer, content, now)))}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <exception cref="CryptographicException">The key does not match the algorithm.</exception>
    public static Func<byte[], byte[]> WithSecret(string secret, TokenAlgorithm algorithm) => WithSecret(Encoding.UTF8.GetBytes(secret), algorithm);

    /// <exception cref="CryptographicException">The key does not match the algorithm.</exception>
    public static Func<byte[], byte[]> WithSecret(byte[] secret, TokenAlgorithm algorithm) =>
        algorithm.IsShared ? signed => CryptographicOperations.HmacData(algorithm.Hash, secret, signed) : throw new CryptographicException($"{algorithm.Name} needs a private key.");

    /// <param name="pem">A private key, RSA or EC, without password (RFC 7468).</param>
    /// <param name="algorithm">An algorithm of that kind of key.</param>
    /// <exception cref="CryptographicException">Not a private key, or one that does not match the algorithm.</exception>
    public static Func<byte[], byte[]> WithKey(string pem, TokenAlgorithm algorithm)
    {
        try
        {
            if (algorithm.Kind == SignatureKind.Ecdsa)
            {
                var ecdsa = ECDsa.Create();
                ecdsa.ImportFromPem(pem);
                return ecdsa.KeySize == algorithm.CurveBits ? signed => ecdsa.SignData(signed, algorithm.Hash) : throw new CryptographicException($"{algorithm.Name} needs a key on a curve of {algorithm.CurveBits} bits.");
            }

            if (algorithm.IsShared) throw new CryptographicException($"{algorithm.Name} needs a secret, not a private key.");
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return signed => rsa.SignData(signed, algorithm.Hash, algorithm.Kind == SignatureKind.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (ArgumentException)
        {
            throw new CryptographicException($"The file holds no private key for {algorithm.Name}.");
        }
    }

    private static void Write(Utf8JsonWriter writer, TokenContent content, DateTimeOffset now)
    {
        var begin = now.ToUnixTimeSeconds();
        writer.WriteStartObject();
        writer.WriteString("iss", content.Issuer);
        writer.WriteString("aud", content.Audience);
        writer.WriteString("sub", content.Subject);
        writer.WriteString("room", content.Room);
        writer.WriteNumber("iat", begin);
        writer.WriteNumber("nbf", begin);
        writer.WriteNumber("exp", begin + (long)content.Lifetime.TotalSeconds);
        writer.WriteStartObject("context");
        writer.WriteStartObject("user");
        foreach (var (name, value) in new[] { ("id", content.UserId), ("name", content.UserName), ("email", content.Email), ("avatar", content.Avatar) })
        {
            if (value is not null) writer.WriteString(name, value);
        }

        if (content.Moderator is { } moderator) writer.WriteBoolean("moderator", moderator);
        writer.WriteEndObject();
        if (content.Group is not null) writer.WriteString("group", content.Group);
        if (content.Features.Count + content.DeniedFeatures.Count > 0)
        {
            writer.WriteStartObject("features");
            foreach (var feature in content.Features.Distinct(StringComparer.Ordinal)) writer.WriteBoolean(feature, true);
            foreach (var feature in content.DeniedFeatures.Except(content.Features, StringComparer.Ordinal)) writer.WriteBoolean(feature, false);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
