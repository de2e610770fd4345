namespace JitsiMesh.Auth.Tokens;

/// <summary>Limits of tokens and key servers.</summary>
internal static class TokenLimits
{
    /// <summary>A token as sent, in characters. A request line of 8 KiB carries it.</summary>
    public const int TokenCharacters = 8 * 1024;

    /// <summary>Nesting of a header's or payload's JSON.</summary>
    public const int JsonDepth = 16;

    /// <summary>Values in a header or payload, objects and arrays included.</summary>
    public const int JsonValues = 1_024;

    /// <summary>A key's identifier (kid), in characters.</summary>
    public const int KeyIdCharacters = 512;

    /// <summary>An issuer, subject, room, tenant, group or identity, in characters.</summary>
    public const int NameCharacters = 1_024;

    /// <summary>The smallest accepted RSA key, in bits (RFC 7518 section 3.3).</summary>
    public const int RsaBits = 2_048;

    /// <summary>The largest accepted RSA key: the cost of verification grows with it.</summary>
    public const int LargestRsaBits = 8_192;

    /// <summary>A secret below this length, in octets, causes a warning (RFC 7518 section 3.2 for HS256).</summary>
    public const int GoodSecretOctets = 32;

    /// <summary>The answer of a key server, in octets.</summary>
    public const int DownloadOctets = 512 * 1024;

    /// <summary>Redirects of one download.</summary>
    public const int Redirects = 3;

    /// <summary>Headers of one answer, in KiB.</summary>
    public const int HeaderKilobytes = 16;

    /// <summary>Cached keys of a key server, and keys that are read from a key set.</summary>
    public const int Keys = 128;

    /// <summary>Identifiers that a key server is known not to have. They do not displace keys.</summary>
    public const int UnknownKeys = 1_024;

    /// <summary>Downloads for new identifiers in a <see cref="UnknownKeyWindow"/>: a client that invents identifiers must not make this server flood another.</summary>
    public const int NewKeyDownloads = 60;

    /// <summary>Timeout of a download, including redirects: within the 5 s that signalling waits for an answer.</summary>
    public static readonly TimeSpan DownloadTime = TimeSpan.FromSeconds(4);

    /// <summary>The lifetime of a key whose answer gives none.</summary>
    public static readonly TimeSpan DefaultKeyLifetime = TimeSpan.FromHours(6);

    public static readonly TimeSpan LongestKeyLifetime = TimeSpan.FromHours(24);

    public static readonly TimeSpan ShortestKeyLifetime = TimeSpan.FromSeconds(30);

    /// <summary>A key is fetched again this long before the expiry that its server gives.</summary>
    public static readonly TimeSpan KeyLifetimeMargin = TimeSpan.FromSeconds(60);

    /// <summary>How long expired keys stay valid while their server is unreachable.</summary>
    public static readonly TimeSpan StaleTime = TimeSpan.FromHours(24);

    /// <summary>The time between two downloads of a key set because of an unknown identifier, and how long an unknown identifier is cached.</summary>
    public static readonly TimeSpan UnknownKeyTime = TimeSpan.FromSeconds(30);

    /// <summary>The time between two tries while a server fails and no key is cached.</summary>
    public static readonly TimeSpan FailureTime = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan UnknownKeyWindow = TimeSpan.FromMinutes(1);
}
