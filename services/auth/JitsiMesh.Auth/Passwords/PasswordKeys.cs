using System.Security.Cryptography;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Auth.Passwords;

/// <summary>Derives the stored keys of a new password.</summary>
internal static class PasswordKeys
{
    /// <summary>
    /// Iterations of PBKDF2. More would be slow in clients that compute them in JavaScript. Prosody's accounts have the same number, so that it does not distinguish imported accounts.
    /// </summary>
    public const int Iterations = 10_000;

    public const int SaltOctets = 16;

    /// <summary>Keys for every hash, each with a new salt.</summary>
    public static IReadOnlyList<ScramCredentials> Of(string preparedPassword) =>
        [.. ScramHash.All.Select(hash => ScramCredentials.FromPassword(hash, preparedPassword, RandomNumberGenerator.GetBytes(SaltOctets), Iterations))];
}
