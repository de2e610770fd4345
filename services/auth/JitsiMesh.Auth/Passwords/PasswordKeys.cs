using System.Security.Cryptography;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Passwords;

/// <summary>Makes what is kept of a new password.</summary>
internal static class PasswordKeys
{
    /// <summary>
    /// Rounds of PBKDF2. More would be slow in clients that compute them in a script, and Prosody's accounts have the same number, so that it does not tell one from the other.
    /// </summary>
    public const int Iterations = 10_000;

    public const int SaltOctets = 16;

    /// <summary>Keys for every hash, each with a fresh salt.</summary>
    public static IReadOnlyList<ScramCredentials> Of(string preparedPassword) =>
        [.. ScramHash.All.Select(hash => ScramCredentials.FromPassword(hash, preparedPassword, RandomNumberGenerator.GetBytes(SaltOctets), Iterations))];
}
