using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Passwords;

/// <summary>
/// Keys for names without an account (RFC 5802 section 9 speaks of the leak): salt and number of rounds look like anybody's and are the same each time, and no
/// password is that of the keys.
/// </summary>
/// <param name="secret">At least 32 octets that clients do not know and that never change.</param>
internal sealed class InventedKeys(byte[] secret)
{
    public ScramCredentials Of(ScramHash hash, string name) => new(hash, Salt(hash, name), PasswordKeys.Iterations, Derive("stored", hash, name)[..hash.Octets], Derive("server", hash, name)[..hash.Octets]);

    /// <summary>A salt that is no other name's or hash's.</summary>
    public byte[] Salt(ScramHash hash, string name) => Derive("salt", hash, name)[..PasswordKeys.SaltOctets];

    private byte[] Derive(string purpose, ScramHash hash, string name) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{purpose}\n{hash.Mechanism}\n{name}"));
}
