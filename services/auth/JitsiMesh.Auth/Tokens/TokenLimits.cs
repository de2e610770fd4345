namespace JitsiMesh.Auth.Tokens;

/// <summary>Bounds of what tokens and key servers may bring.</summary>
internal static class TokenLimits
{
    /// <summary>A token as it is sent, in characters. A request line of 8 KiB brings it.</summary>
    public const int TokenCharacters = 8 * 1024;

    /// <summary>Nesting of a header's or payload's JSON.</summary>
    public const int JsonDepth = 16;

    /// <summary>Values in a header or payload, objects and arrays included.</summary>
    public const int JsonValues = 1_024;

    /// <summary>A key's identifier (kid), in characters.</summary>
    public const int KeyIdCharacters = 512;

    /// <summary>An issuer, subject, room, tenant, group or identity, in characters.</summary>
    public const int NameCharacters = 1_024;

    /// <summary>The smallest RSA key that is taken, in bits (RFC 7518 section 3.3).</summary>
    public const int RsaBits = 2_048;

    /// <summary>The largest one: verifying costs time that grows with it.</summary>
    public const int LargestRsaBits = 8_192;

    /// <summary>A secret below it is warned of, in octets (RFC 7518 section 3.2 for HS256).</summary>
    public const int GoodSecretOctets = 32;

    /// <summary>What a key server may answer, in octets.</summary>
    public const int DownloadOctets = 512 * 1024;

    /// <summary>Redirects of one download.</summary>
    public const int Redirects = 3;

    /// <summary>Headers of one answer, in KiB.</summary>
    public const int HeaderKilobytes = 16;

    /// <summary>Keys that are kept of a key server, and that are read of a key set.</summary>
    public const int Keys = 128;

    /// <summary>Identifiers that a key server is known not to have. They take no place of a key.</summary>
    public const int UnknownKeys = 1_024;

    /// <summary>Downloads for identifiers never seen before, in a <see cref="UnknownKeyWindow"/>: whoever invents them does not make this server flood another.</summary>
    public const int NewKeyDownloads = 60;

    /// <summary>A download in all, redirects included: within the 5 s that signalling waits for an answer.</summary>
    public static readonly TimeSpan DownloadTime = TimeSpan.FromSeconds(4);

    /// <summary>How long a key is good whose answer names no time.</summary>
    public static readonly TimeSpan DefaultKeyLifetime = TimeSpan.FromHours(6);

    public static readonly TimeSpan LongestKeyLifetime = TimeSpan.FromHours(24);

    public static readonly TimeSpan ShortestKeyLifetime = TimeSpan.FromSeconds(30);

    /// <summary>How long before the end that a server names its key is asked for anew.</summary>
    public static readonly TimeSpan KeyLifetimeMargin = TimeSpan.FromSeconds(60);

    /// <summary>How long keys go on working after their end while their server cannot be reached.</summary>
    public static readonly TimeSpan StaleTime = TimeSpan.FromHours(24);

    /// <summary>Between two downloads of a key set because of an unknown identifier, and how long an unknown one stays unknown.</summary>
    public static readonly TimeSpan UnknownKeyTime = TimeSpan.FromSeconds(30);

    /// <summary>Between two tries while a server fails and nothing is known yet.</summary>
    public static readonly TimeSpan FailureTime = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan UnknownKeyWindow = TimeSpan.FromMinutes(1);
}
