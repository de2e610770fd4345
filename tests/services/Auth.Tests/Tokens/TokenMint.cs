using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>Makes tokens of any content, good and bad ones, without the code under test.</summary>
internal static class TokenMint
{
    public const string Secret = "0123456789abcdef0123456789abcdef";

    /// <summary>The moment at which the tests' clock stands.</summary>
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static long Seconds(int fromNow) => Now.ToUnixTimeSeconds() + fromNow;

    public static string Number(int fromNow) => Seconds(fromNow).ToString(CultureInfo.InvariantCulture);

    /// <summary>A payload that is accepted, with members replaced or added; a null value removes one. Values are JSON.</summary>
    public static string Payload(params (string Name, string? Json)[] changes)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["iss"] = "\"app\"",
            ["aud"] = "\"jitsi\"",
            ["sub"] = "\"meet.jitsi\"",
            ["room"] = "\"standup\"",
            ["exp"] = Number(3600),
        };
        foreach (var (name, json) in changes)
        {
            if (json is null) members.Remove(name);
            else members[name] = json;
        }

        return "{" + string.Join(',', members.Select(m => $"\"{m.Key}\":{m.Value}")) + "}";
    }

    public static string Hmac(string payload, string header = """{"typ":"JWT","alg":"HS256"}""", string secret = Secret, HashAlgorithmName? hash = null) =>
        Sign(header, payload, signed => CryptographicOperations.HmacData(hash ?? HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), signed));

    public static string Rsa(RSA key, string payload, string header, RSASignaturePadding? padding = null, HashAlgorithmName? hash = null) =>
        Sign(header, payload, signed => key.SignData(signed, hash ?? HashAlgorithmName.SHA256, padding ?? RSASignaturePadding.Pkcs1));

    public static string Ecdsa(ECDsa key, string payload, string header, HashAlgorithmName? hash = null) => Sign(header, payload, signed => key.SignData(signed, hash ?? HashAlgorithmName.SHA256));

    public static string Sign(string header, string payload, Func<byte[], byte[]> sign) => Sign(Encoding.UTF8.GetBytes(header), Encoding.UTF8.GetBytes(payload), sign);

    public static string Sign(byte[] header, byte[] payload, Func<byte[], byte[]> sign)
    {
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }
}
