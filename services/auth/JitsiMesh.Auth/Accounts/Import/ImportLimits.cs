namespace JitsiMesh.Auth.Accounts.Import;

/// <summary>Limits for Prosody's files; a file beyond a limit is refused by name, and the others are imported.</summary>
internal static class ImportLimits
{
    /// <summary>Octets of one account's file; Prosody writes under 400.</summary>
    public const int FileOctets = 64 * 1024;

    /// <summary>Nesting of tables.</summary>
    public const int Depth = 8;

    /// <summary>Iterations of PBKDF2: at least the minimum of RFC 5802 section 5.1, and at most what clients and this server compute quickly.</summary>
    public const int LeastIterations = 4096;

    public const int MostIterations = 200_000;
}
