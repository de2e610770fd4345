namespace JitsiMesh.Acme;

/// <summary>Limits of an authority's answers and of an order. An authority that exceeds one fails this order, and nothing else.</summary>
public static class AcmeLimits
{
    /// <summary>Octets of an answer's body, including a chain. The transport reads no further.</summary>
    public const int AnswerOctets = 256 * 1024;

    /// <summary>Kibioctets of an answer's headers. The transport reads no further.</summary>
    public const int HeaderKibioctets = 16;

    /// <summary>Nesting depth of an answer's JSON.</summary>
    public const int JsonDepth = 16;

    /// <summary>Characters of a URL in an answer.</summary>
    public const int UrlCharacters = 2048;

    /// <summary>Characters of a nonce, and of a challenge's token.</summary>
    public const int TokenCharacters = 256;

    /// <summary>Characters of an authority's text that are passed on to a log, a page or a file.</summary>
    public const int DetailCharacters = 300;

    /// <summary>Names on one certificate.</summary>
    public const int Identifiers = 20;

    /// <summary>Challenges of one authorization that are examined.</summary>
    public const int Challenges = 16;

    /// <summary>Certificates of one chain.</summary>
    public const int ChainCertificates = 10;

    /// <summary>Alternate chains that are fetched to find the preferred one.</summary>
    public const int AlternateChains = 5;

    /// <summary>Requests of one order, including polls and repetitions.</summary>
    public const int Requests = 250;

    /// <summary>Consecutive refused nonces for one request (RFC 8555 section 6.5).</summary>
    public const int BadNonces = 4;

    /// <summary>Repetitions of one request that the authority answered with 5xx, or not at all. A request for a new order is never repeated.</summary>
    public const int Repetitions = 2;

    /// <summary>Timeout of one answer.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    /// <summary>Timeout of a whole order.</summary>
    public static readonly TimeSpan OrderTime = TimeSpan.FromMinutes(10);

    /// <summary>The longest pause between two polls. If the authority requires a longer one (Retry-After), the order ends until then.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>The pause before a poll if the authority gives none.</summary>
    public static readonly TimeSpan PollPause = TimeSpan.FromSeconds(3);

    /// <summary>The longest Retry-After that is honoured.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(8);
}
