using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace JitsiMesh.Xmpp.Sasl;

/// <summary>A client's first message (RFC 5802 section 7).</summary>
/// <param name="Username">Unescaped, not prepared.</param>
/// <param name="AuthorizationId">Unescaped; empty if the client sends none.</param>
/// <param name="Gs2Header">As sent, including its last comma.</param>
/// <param name="Bare">client-first-message-bare, as sent.</param>
/// <param name="Nonce">The client's part of the nonce.</param>
public sealed record ScramFirst(string Username, string AuthorizationId, string Gs2Header, string Bare, string Nonce)
{
    public override string ToString() => "SCRAM first message";
}

/// <summary>The server's first message, and the state that its second message needs.</summary>
/// <param name="Message">To send to the client.</param>
/// <param name="State">Needed with the client's answer. It must be stored where the client cannot change it, since it selects the user whose keys are checked.</param>
public sealed record ScramChallenge(byte[] Message, byte[] State)
{
    public override string ToString() => "SCRAM challenge";
}

/// <summary>
/// The server side of SCRAM without channel binding (RFC 5802, RFC 7677). It is stateless: the state of an exchange goes out with the challenge and comes back
/// with the answer, so that another process can handle each step.
/// </summary>
public static class ScramServer
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Parses client-first-message: gs2-header, n=user, r=nonce. Extensions after the nonce are ignored; a mandatory one (m=) is refused.</summary>
    public static bool TryReadFirst(ReadOnlySpan<byte> message, out ScramFirst first)
    {
        first = null!;
        if (!TryText(message, out var text)) return false;

        // "n": no channel binding; "y": the client believes that the server has none; "p=" requests one, which this server does not offer.
        if (!text.StartsWith("n,", StringComparison.Ordinal) && !text.StartsWith("y,", StringComparison.Ordinal)) return false;
        var comma = text.IndexOf(',', 2);
        if (comma < 0) return false;
        var authorization = text[2..comma];
        if (authorization.Length > 0 && !(authorization.StartsWith("a=", StringComparison.Ordinal) && TryUnescape(authorization[2..], out authorization) && authorization.Length > 0)) return false;

        var bare = text[(comma + 1)..];
        var parts = bare.Split(',');
        if (parts.Length < 2 || !parts[0].StartsWith("n=", StringComparison.Ordinal) || !parts[1].StartsWith("r=", StringComparison.Ordinal)) return false;
        if (!TryUnescape(parts[0][2..], out var username) || username.Length == 0) return false;
        var nonce = parts[1][2..];
        if (!IsNonce(nonce)) return false;
        first = new ScramFirst(username, authorization, text[..(comma + 1)], bare, nonce);
        return true;
    }

    /// <summary>server-first-message. For an unknown user the caller should pass an invented salt, always the same, so that the answer does not disclose whether the user exists.</summary>
    /// <param name="hash">The hash of the mechanism.</param>
    /// <param name="first">The client's message.</param>
    /// <param name="salt">The salt of <see cref="ScramFirst.Username"/>.</param>
    /// <param name="iterations">The iteration count of <see cref="ScramFirst.Username"/>.</param>
    /// <param name="serverNonce">Printable ASCII without a comma, newly generated.</param>
    public static ScramChallenge Challenge(ScramHash hash, ScramFirst first, ReadOnlySpan<byte> salt, int iterations, string serverNonce)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(first);
        if (!IsNonce(serverNonce)) throw new ArgumentException("Not a nonce.", nameof(serverNonce));
        var serverFirst = string.Create(CultureInfo.InvariantCulture, $"r={first.Nonce}{serverNonce},s={Convert.ToBase64String(salt)},i={iterations}");

        // None of these contains a control character (TryText).
        var state = $"{hash.Mechanism}\n{first.Gs2Header}\n{first.Bare}\n{serverFirst}";
        return new ScramChallenge(Encoding.UTF8.GetBytes(serverFirst), Encoding.UTF8.GetBytes(state));
    }

    /// <summary>The client's first message, from the state of the challenge: <see cref="TryFinish"/> needs the keys of its user.</summary>
    public static bool TryReadState(ScramHash hash, ReadOnlySpan<byte> state, out ScramFirst first)
    {
        first = null!;
        return TrySplit(hash, state, out var parts) && TryReadFirst(Encoding.UTF8.GetBytes(parts[1] + parts[2]), out first);
    }

    /// <summary>Checks client-final-message against the keys of the state's user.</summary>
    /// <param name="message">The client's answer.</param>
    /// <param name="state">The state of the challenge.</param>
    /// <param name="credentials">The user's credentials; invented ones for an unknown user, so that a refusal takes the same time.</param>
    /// <param name="success">server-final-message (v=…).</param>
    public static bool TryFinish(ReadOnlySpan<byte> message, ReadOnlySpan<byte> state, ScramCredentials credentials, out byte[] success)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        success = [];
        var hash = credentials.Hash;
        if (!TrySplit(hash, state, out var parts) || !TryText(message, out var text)) return false;
        var (gs2Header, clientFirst, serverFirst) = (parts[1], parts[2], parts[3]);
        var proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0) return false;
        var withoutProof = text[..proofAt];
        var nonce = serverFirst[2..serverFirst.IndexOf(',', StringComparison.Ordinal)];
        var expected = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(gs2Header))},r={nonce}";

        // Extensions may follow between nonce and proof; the signature covers them.
        if (withoutProof != expected && !withoutProof.StartsWith(expected + ",", StringComparison.Ordinal)) return false;
        Span<byte> proof = stackalloc byte[64];
        var encoded = text.AsSpan(proofAt + 3);
        if (encoded.Length > 64 || !Convert.TryFromBase64Chars(encoded, proof, out var length) || length != hash.Octets) return false;

        // The proof has one valid encoding: neither spaces nor stray bits (RFC 4648 sections 3.3 and 3.5).
        if (!encoded.SequenceEqual(Convert.ToBase64String(proof[..length]))) return false;

        var authMessage = Encoding.UTF8.GetBytes($"{clientFirst},{serverFirst},{withoutProof}");
        var clientSignature = hash.Hmac(credentials.StoredKey, authMessage);
        var clientKey = new byte[hash.Octets];
        for (var i = 0; i < clientKey.Length; i++) clientKey[i] = (byte)(proof[i] ^ clientSignature[i]);
        if (!CryptographicOperations.FixedTimeEquals(hash.Hash(clientKey), credentials.StoredKey)) return false;

        success = Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(hash.Hmac(credentials.ServerKey, authMessage))}");
        return true;
    }

    private static bool TrySplit(ScramHash hash, ReadOnlySpan<byte> state, out string[] parts)
    {
        parts = [];
        if (state.IsEmpty || state.Length > 4 * XmppLimits.SaslMessageOctets) return false;
        parts = Encoding.UTF8.GetString(state).Split('\n');
        return parts.Length == 4 && parts[0] == hash.Mechanism && parts[3].StartsWith("r=", StringComparison.Ordinal) && parts[3].Contains(',', StringComparison.Ordinal);
    }

    private static bool TryText(ReadOnlySpan<byte> message, out string text)
    {
        text = "";
        if (message.IsEmpty || message.Length > XmppLimits.SaslMessageOctets) return false;
        try
        {
            text = Strict.GetString(message);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        return !text.Any(char.IsControl);
    }

    /// <summary>RFC 5802 section 7: printable = %x21-2B / %x2D-7E.</summary>
    private static bool IsNonce(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.Contains(',', StringComparison.Ordinal);

    /// <summary>saslname: "=2C" is a comma, "=3D" an equals sign, any other "=" an error (RFC 5802 section 5.1).</summary>
    private static bool TryUnescape(string text, out string name)
    {
        name = text;
        if (!text.Contains('=', StringComparison.Ordinal)) return true;
        var builder = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '=')
            {
                builder.Append(text[i]);
                continue;
            }

            var code = text.AsSpan(i + 1, Math.Min(2, text.Length - i - 1));
            if (code.SequenceEqual("2C")) builder.Append(',');
            else if (code.SequenceEqual("3D")) builder.Append('=');
            else return false;
            i += 2;
        }

        name = builder.ToString();
        return true;
    }
}
