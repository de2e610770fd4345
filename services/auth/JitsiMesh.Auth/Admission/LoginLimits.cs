namespace JitsiMesh.Auth.Admission;

/// <summary>Limits of logins with a name and a password, and the consequence of each. All instances of the auth service count together, in the store; each counts separately while the store is unreachable.</summary>
internal static class LoginLimits
{
    /// <summary>How long failures count; then the counts are reset, so that no user is locked out for longer.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Failures of one account within the window, from all addresses; more tries are refused with temporary-auth-failure, except those of <see cref="FreshAddresses"/>.</summary>
    public const int FailuresOfAccount = 10;

    /// <summary>Failures of one address within the window, over all accounts; more tries are refused with temporary-auth-failure.</summary>
    public const int FailuresOfAddress = 30;

    /// <summary>
    /// Addresses without a failure at the account within the window, each of which may try once although the account is over its limit. An attacker who guesses
    /// passwords therefore does not lock the account's owner out. An address from which the account has logged in before may always try.
    /// </summary>
    public const int FreshAddresses = 20;

    /// <summary>Accounts, and addresses, whose failures a process counts, and tries that it counts in the store within a window. Beyond this number new ones are refused as if over their limit.</summary>
    public const int Windows = 100_000;

    /// <summary>How long the store remembers the address of a login for the account. Longer than a weekend.</summary>
    public static readonly TimeSpan KnownFor = TimeSpan.FromDays(7);

    /// <summary>Timeout of the store for one try; then the process counts by itself.</summary>
    public static readonly TimeSpan StoreTime = TimeSpan.FromSeconds(1);

    /// <summary>How long a store that failed is not used.</summary>
    public static readonly TimeSpan StorePause = TimeSpan.FromSeconds(10);

    /// <summary>Pairs of account and address that have logged in and are remembered; the oldest half is dropped first.</summary>
    public const int KnownPairs = 50_000;
}
