using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>One address that is told. It prints its host alone, for an operator may have put a key into the rest.</summary>
/// <param name="Url">Where webhooks go.</param>
/// <param name="Key">Stands for the URL in the store: the same on every node, and says nothing of the URL.</param>
public sealed record WebhookReceiver(Uri Url, string Key)
{
    private const int KeyDigits = 16;

    public static WebhookReceiver Of(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return new WebhookReceiver(url, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.AbsoluteUri)))[..KeyDigits]);
    }

    /// <summary>For log lines and pages.</summary>
    public string Name => Url.IsDefaultPort ? Url.IdnHost : $"{Url.IdnHost}:{Url.Port}";

    public override string ToString() => Name;
}
