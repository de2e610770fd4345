using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Xmpp.Sasl;

/// <summary>What a server keeps of a password (RFC 5802 section 3): nothing with which it could log in elsewhere.</summary>
public sealed record ScramCredentials(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>SaltedPassword, ClientKey, StoredKey and ServerKey of RFC 5802 section 3.</summary>
    /// <param name="password">The password; normalised to form KC, which SASLprep (RFC 4013) does for every password people type.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="iterations">At least 4096 (RFC 5802 section 5.1).</param>
    public static ScramCredentials FromPassword(string password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormKC)), salt, iterations, HashAlgorithmName.SHA1, 20);
        return new ScramCredentials(salt, iterations, SHA1.HashData(HMACSHA1.HashData(salted, "Client Key"u8)), HMACSHA1.HashData(salted, "Server Key"u8));
    }
}

public enum ScramState
{
    ExpectFirst,
    ExpectCredentials,
    ExpectFinal,
    Succeeded,
    Failed,
}

/// <summary>
/// The server's side of SCRAM-SHA-1 without channel binding (RFC 5802). First <see cref="TryReadFirst"/>, then
/// <see cref="Challenge"/> with the credentials of <see cref="Username"/>, then <see cref="TryFinish"/>. A machine serves one exchange.
/// </summary>
public sealed class ScramSha1Server
{
    private string _clientFirstBare = "";
    private string _gs2Header = "";
    private string _serverFirst = "";
    private string _nonce = "";
    private ScramCredentials? _credentials;

    public ScramState State { get; private set; }

    public string Username { get; private set; } = "";

    /// <summary>Reads client-first-message: gs2-header, n=user, r=nonce (RFC 5802 section 7).</summary>
    public bool TryReadFirst(string base64)
    {
        var ok = State == ScramState.ExpectFirst && SaslText.TryDecode(base64, out var bytes) && ReadFirst(Encoding.UTF8.GetString(bytes));
        State = ok ? ScramState.ExpectCredentials : ScramState.Failed;
        return ok;
    }

    /// <summary>server-first-message in base64. An unknown user should get invented credentials, the same each time, so that nothing tells him from a known one.</summary>
    /// <param name="credentials">Of <see cref="Username"/>.</param>
    /// <param name="serverNonce">Printable ASCII without a comma, fresh.</param>
    public string Challenge(ScramCredentials credentials, string serverNonce)
    {
        if (State != ScramState.ExpectCredentials) throw new InvalidOperationException("No client-first-message was read.");
        _credentials = credentials;
        _nonce += serverNonce;
        _serverFirst = string.Create(CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(credentials.Salt)},i={credentials.Iterations}");
        State = ScramState.ExpectFinal;
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(_serverFirst));
    }

    /// <summary>Checks client-final-message; on success <paramref name="success"/> is server-final-message (v=…) in base64.</summary>
    public bool TryFinish(string base64, out string success)
    {
        success = "";
        var ok = State == ScramState.ExpectFinal && SaslText.TryDecode(base64, out var bytes) && Finish(Encoding.UTF8.GetString(bytes), out success);
        State = ok ? ScramState.Succeeded : ScramState.Failed;
        return ok;
    }

    private bool ReadFirst(string text)
    {
        // "n" no channel binding, "y" the client thinks that we have none; "p=" asks for one, which we do not offer.
        if (!text.StartsWith("n,", StringComparison.Ordinal) && !text.StartsWith("y,", StringComparison.Ordinal)) return false;
        var comma = text.IndexOf(',', 2);
        if (comma < 0) return false;
        _gs2Header = text[..(comma + 1)];
        _clientFirstBare = text[(comma + 1)..];
        var parts = _clientFirstBare.Split(',');
        if (parts.Length < 2 || !parts[0].StartsWith("n=", StringComparison.Ordinal) || !parts[1].StartsWith("r=", StringComparison.Ordinal)) return false;
        if (!TryUnescape(parts[0][2..], out var username) || username.Length == 0) return false;
        _nonce = parts[1][2..];
        Username = username;
        return _nonce.Length > 0;
    }

    private bool Finish(string text, out string success)
    {
        success = "";
        var proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0 || _credentials is null) return false;
        var withoutProof = text[..proofAt];
        var expected = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(_gs2Header))},r={_nonce}";
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(withoutProof), Encoding.UTF8.GetBytes(expected))) return false;
        var proof = new byte[32];
        if (!Convert.TryFromBase64String(text[(proofAt + 3)..], proof, out var length) || length != 20) return false;

        var authMessage = Encoding.UTF8.GetBytes($"{_clientFirstBare},{_serverFirst},{withoutProof}");
        var clientSignature = HMACSHA1.HashData(_credentials.StoredKey, authMessage);
        var clientKey = new byte[20];
        for (var i = 0; i < clientKey.Length; i++) clientKey[i] = (byte)(proof[i] ^ clientSignature[i]);
        if (!CryptographicOperations.FixedTimeEquals(SHA1.HashData(clientKey), _credentials.StoredKey)) return false;

        var signature = Convert.ToBase64String(HMACSHA1.HashData(_credentials.ServerKey, authMessage));
        success = Convert.ToBase64String(Encoding.UTF8.GetBytes($"v={signature}"));
        return true;
    }

    /// <summary>saslname: "=2C" is a comma, "=3D" an equals sign, any other "=" an error (RFC 5802 section 5.1).</summary>
    private static bool TryUnescape(string text, out string name)
    {
        name = text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "\u0001", StringComparison.Ordinal);
        if (name.Contains('=', StringComparison.Ordinal) || text.Contains('\u0001', StringComparison.Ordinal)) return false;
        name = name.Replace('\u0001', '=');
        return true;
    }
}
