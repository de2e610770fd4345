using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>The signature scheme of the Standard Webhooks specification, symmetric: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>; one for each key, with spaces between them.</summary>
public static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";

    /// <param name="secrets">The keys.</param>
    /// <param name="id">Without a dot.</param>
    /// <param name="timestamp">Of the try, in seconds since 1970.</param>
    /// <param name="body">As it is sent.</param>
    public static string Of(WebhookSecrets secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}."));
        byte[] signed = [.. head, .. body];
        return string.Join(' ', secrets.Keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed))));
    }
}
