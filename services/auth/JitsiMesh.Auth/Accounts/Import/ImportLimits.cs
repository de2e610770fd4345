namespace JitsiMesh.Auth.Accounts.Import;

/// <summary>Bounds of what is read from Prosody's files; a file beyond one is refused by name, and the others are imported.</summary>
internal static class ImportLimits
{
    /// <summary>Octets of one account's file; Prosody writes under 400.</summary>
    public const int FileOctets = 64 * 1024;

    /// <summary>Tables within each other.</summary>
    public const int Depth = 8;

    /// <summary>Rounds of PBKDF2, RFC 5802 section 5.1's least and what neither a client nor this server computes for long.</summary>
    public const int LeastIterations = 4096;

    public const int MostIterations = 200_000;
}
