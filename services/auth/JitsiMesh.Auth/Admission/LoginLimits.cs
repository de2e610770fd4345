namespace JitsiMesh.Auth.Admission;

/// <summary>Bounds of logging in with a name and a password, and what happens at each. Each process of the auth service counts for itself.</summary>
internal static class LoginLimits
{
    /// <summary>How long failures count; then all is forgotten and counted anew, so that nobody is locked out for longer.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Failures of one account within the window, from wherever; more tries are refused with temporary-auth-failure, but for those of <see cref="FreshAddresses"/>.</summary>
    public const int FailuresOfAccount = 10;

    /// <summary>Failures of one address within the window, whatever the account; more tries are refused with temporary-auth-failure.</summary>
    public const int FailuresOfAddress = 30;

    /// <summary>
    /// Addresses that have not failed with the account within the window, and that may try once more all the same: whoever guesses at an account must not keep
    /// its owner out. An address from which the account has logged in before always may.
    /// </summary>
    public const int FreshAddresses = 20;

    /// <summary>Accounts, and addresses, of which failures are kept. When that many failed within the window, new ones are refused like those over their limit.</summary>
    public const int Windows = 100_000;

    /// <summary>Pairs of account and address that have logged in and are remembered; the oldest half is forgotten first.</summary>
    public const int KnownPairs = 50_000;
}
