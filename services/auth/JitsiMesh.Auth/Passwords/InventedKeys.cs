using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Passwords;

/// <summary>
/// Keys for names without an account (RFC 5802 section 9 describes the leak): salt and iteration count look like those of an account and are always the same, and no
/// password matches the keys.
/// </summary>
/// <param name="secret">At least 32 octets that are unknown to clients and never change.</param>
internal sealed class InventedKeys(byte[] secret)
{
    public ScramCredentials Of(ScramHash hash, string name) => new(hash, Salt(hash, name), PasswordKeys.Iterations, Derive("stored", hash, name)[..hash.Octets], Derive("server", hash, name)[..hash.Octets]);

    /// <summary>A salt that is unique for the name and hash.</summary>
    public byte[] Salt(ScramHash hash, string name) => Derive("salt", hash, name)[..PasswordKeys.SaltOctets];

    private byte[] Derive(string purpose, ScramHash hash, string name) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{purpose}\n{hash.Mechanism}\n{name}"));
}
