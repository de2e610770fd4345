using System.Text;

namespace JitsiMesh.Xmpp.Sasl;

/// <summary>The message of SASL PLAIN (RFC 4616 section 2): [authzid] NUL authcid NUL passwd.</summary>
public sealed record SaslPlain(string AuthorizationId, string Username, string Password)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <param name="base64">The text of the auth element (RFC 6120 section 6.4.2).</param>
    /// <param name="message">The parts; user name and password are never empty.</param>
    public static bool TryParse(string base64, out SaslPlain message)
    {
        message = null!;
        if (!SaslText.TryDecode(base64, out var bytes)) return false;
        var first = Array.IndexOf(bytes, (byte)0);
        if (first < 0) return false;
        var second = Array.IndexOf(bytes, (byte)0, first + 1);
        if (second < 0 || Array.IndexOf(bytes, (byte)0, second + 1) >= 0) return false;
        try
        {
            var authzid = Strict.GetString(bytes, 0, first);
            var authcid = Strict.GetString(bytes, first + 1, second - first - 1);
            var password = Strict.GetString(bytes, second + 1, bytes.Length - second - 1);
            if (authcid.Length == 0 || password.Length == 0) return false;
            message = new SaslPlain(authzid, authcid, password);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    public override string ToString() => $"PLAIN for {Username}";
}
