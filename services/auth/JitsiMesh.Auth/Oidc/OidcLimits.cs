namespace JitsiMesh.Auth.Oidc;

/// <summary>Limits of the input from an OpenID provider and a browser, and the consequence of each.</summary>
internal static class OidcLimits
{
    /// <summary>One answer of the provider, in octets; a longer one is invalid.</summary>
    public const int AnswerOctets = 512 * 1024;

    /// <summary>Connections to the provider at once; further requests wait within <see cref="AnswerTime"/>.</summary>
    public const int Connections = 32;

    /// <summary>Headers of one answer, in KiB.</summary>
    public const int HeaderKilobytes = 32;

    /// <summary>Values in an ID token or a UserInfo answer; with more of them the login is refused.</summary>
    public const int JsonValues = 8_192;

    /// <summary>Groups that settings name, in all.</summary>
    public const int NamedGroups = 200;

    /// <summary>A room or tenant of a login, in characters; a longer one is refused.</summary>
    public const int NameCharacters = 256;

    /// <summary>The parameter state of the page, in characters; a longer text is ignored.</summary>
    public const int StateCharacters = 4_096;

    /// <summary>Settings of the page that are returned to it; further ones are dropped.</summary>
    public const int Overrides = 32;

    /// <summary>Their names and values, in characters, in total; settings beyond it are dropped.</summary>
    public const int OverrideCharacters = 1_024;

    /// <summary>A user's name in the meeting, in characters; longer names are cut.</summary>
    public const int PersonName = 200;

    /// <summary>A mail address or the URL of a picture, in characters; longer ones are dropped.</summary>
    public const int PersonAddress = 500;

    /// <summary>An ID token that the browser keeps for the logout, in characters; a longer one is not kept, and the provider then asks the user.</summary>
    public const int KeptIdToken = 6_000;

    /// <summary>Timeout of one request to the provider.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    /// <summary>How long an unreachable provider counts as down without a new request.</summary>
    public static readonly TimeSpan DownTime = TimeSpan.FromSeconds(2);

    /// <summary>Timeout of a login, from its start to its end. Then it must be restarted.</summary>
    public static readonly TimeSpan LoginTime = TimeSpan.FromMinutes(15);

    /// <summary>Tolerated difference of the provider's clock.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    /// <summary>The shortest time between two reads of the provider's metadata and keys because of an unknown key.</summary>
    public static readonly TimeSpan KeyRefresh = TimeSpan.FromSeconds(30);

    /// <summary>How long the provider's metadata and keys are cached.</summary>
    public static readonly TimeSpan DescriptionLifetime = TimeSpan.FromHours(6);

    /// <summary>Starts, returns and logouts that one address may request within <see cref="BudgetWindow"/>, each; more get 429. Many users of one company may share an address.</summary>
    public const int StepsOfAddress = 120;

    /// <summary>Starts that cost the provider a request (RFC 9126), and returns, of all addresses within <see cref="BudgetWindow"/> without a completed login; more get 429.</summary>
    public const int UnfinishedSteps = 2_000;

    /// <summary>The share of one network (IPv6: a /48, IPv4: a /24); more get 429. One user may have all addresses of a network.</summary>
    public const int UnfinishedStepsOfNetwork = UnfinishedSteps / 8;

    /// <summary>Requests for one step that one process counts within <see cref="BudgetWindow"/>; more get 429 without a store access.</summary>
    public const int StepsOfProcess = 50_000;

    /// <summary>Addresses whose steps a process counts individually, so that an address that floods it does not consume the shared limits; only the store counts further ones.</summary>
    public const int AddressesOfProcess = 50_000;

    /// <summary>How long requests count; then the counts are reset, so that no user is blocked for longer.</summary>
    public static readonly TimeSpan BudgetWindow = TimeSpan.FromMinutes(1);

    /// <summary>Timeout of the store for one step; then the process counts by itself.</summary>
    public static readonly TimeSpan BudgetStoreTime = TimeSpan.FromSeconds(1);

    /// <summary>How long a store that failed is not used.</summary>
    public static readonly TimeSpan BudgetStorePause = TimeSpan.FromSeconds(10);

    /// <summary>The time between two reads of the shared key.</summary>
    public static readonly TimeSpan SharedKeyReadInterval = TimeSpan.FromSeconds(30);
}
