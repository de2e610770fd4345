namespace JitsiMesh.Acme.Orders;

/// <summary>Why an order ended without a certificate.</summary>
public enum AcmeReason
{
    /// <summary>The authority cannot be reached.</summary>
    Unreachable,

    /// <summary>An answer, or the whole order, timed out.</summary>
    Timeout,

    /// <summary>An answer was longer than <see cref="AcmeLimits"/> allows.</summary>
    TooLarge,

    /// <summary>An answer did not conform to RFC 8555.</summary>
    Malformed,

    /// <summary>The authority answered with 5xx.</summary>
    ServerError,

    /// <summary>The authority repeatedly refused its own nonces.</summary>
    BadNonce,

    /// <summary>Too many certificates, orders, accounts or failures (RFC 8555 section 6.6).</summary>
    RateLimited,

    /// <summary>A new account needs an external account binding (section 7.3.4), and none is configured.</summary>
    BindingNeeded,

    /// <summary>The authority refused.</summary>
    Refused,

    /// <summary>The authority offers no challenge that is both configured and supported.</summary>
    NoChallenge,

    /// <summary>The authority did not find the challenge response.</summary>
    ChallengeFailed,

    /// <summary>The chain is unusable.</summary>
    BadChain,
}

/// <summary>The failure of an order.</summary>
/// <param name="Reason">The reason code, for metrics.</param>
/// <param name="Text">One line for the operator, including the authority's text.</param>
public sealed record AcmeFailure(AcmeReason Reason, string Text)
{
    /// <summary>The authority's own problem type, such as <c>connection</c> or <c>dns</c>; empty without one.</summary>
    public string ProblemType { get; init; } = "";

    /// <summary>The name that failed; null for the whole order.</summary>
    public string? Name { get; init; }

    /// <summary>The kind of challenge that failed, if one did.</summary>
    public Challenges.ChallengeKind? Challenge { get; init; }

    /// <summary>The pause that the authority requests; null if it gives none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the authority received a request for an order (or for an earlier one): it counts against its limits.</summary>
    public bool Ordered { get; init; }
}

/// <summary>Why there is no answer.</summary>
public enum AcmeFault
{
    Unreachable,
    Timeout,
    TooLarge,
}
