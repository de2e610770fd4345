using System.Text;

namespace JitsiMesh.Xmpp.Sasl;

/// <summary>The message of SASL PLAIN (RFC 4616 section 2): [authzid] NUL authcid NUL passwd.</summary>
public sealed record SaslPlain(string AuthorizationId, string Username, string Password)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <param name="base64">The text of the auth element (RFC 6120 section 6.4.2).</param>
    /// <param name="message">The parts; user name and password are not empty.</param>
    public static bool TryParse(string base64, out SaslPlain message)
    {
        message = null!;
        return SaslText.TryDecode(base64, out var bytes) && TryParse(bytes, out message);
    }

    /// <param name="bytes">The message.</param>
    /// <param name="message">The parts; user name and password are not empty.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out SaslPlain message)
    {
        message = null!;
        var first = bytes.IndexOf((byte)0);
        if (first < 0) return false;
        var length = bytes[(first + 1)..].IndexOf((byte)0);
        if (length < 0) return false;
        var second = first + 1 + length;
        if (bytes[(second + 1)..].Contains((byte)0)) return false;
        try
        {
            var authzid = Strict.GetString(bytes[..first]);
            var authcid = Strict.GetString(bytes[(first + 1)..second]);
            var password = Strict.GetString(bytes[(second + 1)..]);
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
