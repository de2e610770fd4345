using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>
/// The keys of MESH_WEBHOOK_SECRET: one, or while it is changed two, each of which signs. In the form of the Standard Webhooks specification (<c>whsec_</c> and base64 of 24 to 64 octets) or
/// as a text, whose UTF-8 octets are the key. It prints nothing.
/// </summary>
public sealed class WebhookSecrets
{
    private const string Prefix = "whsec_";
    private const int ShortestText = 24;
    private const int ShortestKey = 24;
    private const int LongestKey = 64;
    private const int Most = 2;

    private WebhookSecrets(IReadOnlyList<byte[]> keys) => Keys = keys;

    /// <summary>In the order in which they are written: the first one's signature is the first.</summary>
    public IReadOnlyList<byte[]> Keys { get; }

    /// <param name="text">The setting's value.</param>
    /// <param name="secrets">The keys.</param>
    /// <param name="problem">What is wrong, without anything of the value.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out WebhookSecrets? secrets, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        (secrets, problem) = (null, null);
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length is 0 or > Most)
        {
            problem = parts.Length == 0 ? "it must be set" : "there are more than two secrets in it";
            return false;
        }

        var keys = new List<byte[]>();
        foreach (var part in parts)
        {
            if (KeyOf(part) is not { } key)
            {
                problem = part.StartsWith(Prefix, StringComparison.Ordinal) ? "behind whsec_ must stand the base64 of 24 to 64 octets (openssl rand -base64 32)" : "a secret has 24 characters or more, and no space inside";
                return false;
            }

            keys.Add(key);
        }

        secrets = new WebhookSecrets(keys);
        return true;
    }

    public override string ToString() => "webhook secrets";

    private static byte[]? KeyOf(string part)
    {
        if (!part.StartsWith(Prefix, StringComparison.Ordinal)) return part.Length >= ShortestText ? Encoding.UTF8.GetBytes(part) : null;
        var key = new byte[LongestKey];
        return Convert.TryFromBase64String(part[Prefix.Length..], key, out var length) && length >= ShortestKey ? key[..length] : null;
    }
}
