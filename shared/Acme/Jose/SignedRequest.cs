using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace JitsiMesh.Acme.Jose;

/// <summary>Flattened JSON Web Signatures in the form that ACME requires (RFC 8555 section 6.2).</summary>
public static class SignedRequest
{
    /// <summary>Signs with an account's key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="account">The account's URL for <c>kid</c>; if null, the key itself is sent as <c>jwk</c>.</param>
    /// <param name="nonce">The authority's nonce.</param>
    /// <param name="url">The URL of the request.</param>
    /// <param name="payload">JSON; empty for POST-as-GET (section 6.3).</param>
    /// <returns>The request's body, application/jose+json.</returns>
    public static byte[] Create(AcmeKey key, Uri? account, string nonce, Uri url, string payload)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(url);
        var header = Write(json =>
        {
            json.WriteString("alg"u8, "ES256"u8);
            if (account is not null) json.WriteString("kid"u8, account.AbsoluteUri);
            else WriteJwk(json, "jwk"u8, key);
            json.WriteString("nonce"u8, nonce);
            json.WriteString("url"u8, url.AbsoluteUri);
        });
        return Flatten(header, Encoding.UTF8.GetBytes(payload), key.Sign);
    }

    /// <summary>Binds a new account to an external account (section 7.3.4): the account's key, signed with the secret that the authority gave the operator.</summary>
    /// <param name="key">The account's key.</param>
    /// <param name="keyId">The authority's identifier of the secret.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="newAccount">The URL for new accounts.</param>
    public static string Bind(AcmeKey key, string keyId, byte[] secret, Uri newAccount)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(newAccount);
        var header = Write(json =>
        {
            json.WriteString("alg"u8, "HS256"u8);
            json.WriteString("kid"u8, keyId);
            json.WriteString("url"u8, newAccount.AbsoluteUri);
        });
        return Encoding.UTF8.GetString(Flatten(header, Encoding.UTF8.GetBytes(key.Jwk), data => HMACSHA256.HashData(secret, data)));
    }

    /// <summary>One JSON object.</summary>
    internal static string Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteJwk(Utf8JsonWriter json, ReadOnlySpan<byte> name, AcmeKey key)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(key.Jwk);
    }

    private static byte[] Flatten(string header, byte[] payload, Func<byte[], byte[]> sign)
    {
        var protectedPart = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header));
        var payloadPart = Base64Url.EncodeToString(payload);
        var signature = sign(Encoding.ASCII.GetBytes(protectedPart + "." + payloadPart));
        return Encoding.UTF8.GetBytes(Write(json =>
        {
            json.WriteString("protected"u8, protectedPart);
            json.WriteString("payload"u8, payloadPart);
            json.WriteString("signature"u8, Base64Url.EncodeToString(signature));
        }));
    }
}
