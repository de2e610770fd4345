using System.Security.Cryptography;

namespace JitsiMesh.Xmpp.Sasl;

/// <summary>The data that a server stores for a password (RFC 5802 section 3): it cannot be used to log in elsewhere. Its ToString prints nothing.</summary>
/// <param name="Hash">The hash of the keys.</param>
/// <param name="Salt">The salt, public.</param>
/// <param name="Iterations">At least 4096 (RFC 5802 section 5.1), public.</param>
/// <param name="StoredKey">H(ClientKey).</param>
/// <param name="ServerKey">HMAC(SaltedPassword, "Server Key").</param>
public sealed record ScramCredentials(ScramHash Hash, byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>SaltedPassword, ClientKey, StoredKey and ServerKey of RFC 5802 section 3.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="preparedPassword">The password after <see cref="SaslPrep"/>.</param>
    /// <param name="salt">The salt, generated for each account and hash.</param>
    /// <param name="iterations">At least 4096 (RFC 5802 section 5.1).</param>
    public static ScramCredentials FromPassword(ScramHash hash, string preparedPassword, byte[] salt, int iterations)
    {
        ArgumentNullException.ThrowIfNull(hash);
        var salted = hash.Salted(preparedPassword, salt, iterations);
        var credentials = new ScramCredentials(hash, salt, iterations, hash.Hash(hash.Hmac(salted, "Client Key"u8)), hash.Hmac(salted, "Server Key"u8));
        CryptographicOperations.ZeroMemory(salted);
        return credentials;
    }

    /// <summary>Whether a password matches the keys, for PLAIN. Takes the same time for a wrong password.</summary>
    /// <param name="preparedPassword">The password after <see cref="SaslPrep"/>.</param>
    public bool IsOf(string preparedPassword) =>
        CryptographicOperations.FixedTimeEquals(FromPassword(Hash, preparedPassword, Salt, Iterations).StoredKey, StoredKey);

    public override string ToString() => $"{Hash} credentials";
}
