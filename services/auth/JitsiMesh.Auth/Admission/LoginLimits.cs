namespace JitsiMesh.Auth.Admission;

/// <summary>Bounds of logging in with a name and a password, and what happens at each. Each process of the auth service counts for itself.</summary>
internal static class LoginLimits
{
    /// <summary>How long failures count; then all is forgotten and counted anew, so that nobody is locked out for longer.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Failures of one account within the window, from wherever; more tries are refused with temporary-auth-failure, but for those of <see cref="FreshAddresses"/>.</summary>
    public const int FailuresOfAccount = 10;

    /// <summary>Failures of one address within the window, over all accounts; more tries are refused with temporary-auth-failure.</summary>
    public const int FailuresOfAddress = 30;

    /// <summary>
    /// Addresses without a failure at the account within the window, each of which may try once although the account is over its limit. An attacker who guesses
    /// passwords therefore does not lock the account's owner out. An address from which the account has logged in before may always try.
    /// </summary>
    public const int FreshAddresses = 20;

    /// <summary>Accounts, and addresses, of which failures are kept. When that many failed within the window, new ones are refused like those over their limit.</summary>
    public const int Windows = 100_000;

    /// <summary>Pairs of account and address that have logged in and are remembered; the oldest half is forgotten first.</summary>
    public const int KnownPairs = 50_000;
}
