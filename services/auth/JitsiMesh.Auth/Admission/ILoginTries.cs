namespace JitsiMesh.Auth.Admission;

/// <summary>Limits password attempts by account and by address.</summary>
internal interface ILoginTries
{
    /// <summary>Requests permission to check a password. The try counts as failed until it is ended.</summary>
    /// <param name="accountKey">The account's name with its domain, prepared; the same for each spelling.</param>
    /// <param name="addressTag">A tag of the client's address; empty where no limit applies.</param>
    /// <returns>The try, which the caller must end; null when there were too many.</returns>
    ValueTask<LoginTry?> BeginAsync(string accountKey, string addressTag);

    ValueTask EndAsync(LoginTry attempt, LoginTryEnd end);
}

/// <summary>A password check in progress.</summary>
/// <param name="AccountKey">The account.</param>
/// <param name="AddressTag">The client's address.</param>
/// <param name="IsShared">Whether the store counts it, for all instances, or only this process.</param>
internal sealed record LoginTry(string AccountKey, string AddressTag, bool IsShared)
{
    public override string ToString() => "a try";
}

/// <summary>The result of a try.</summary>
internal enum LoginTryEnd
{
    /// <summary>The password could not be checked: the try does not count.</summary>
    Undecided,

    /// <summary>The name or the password was wrong.</summary>
    Failed,

    /// <summary>The try does not count, and the address is remembered for the account.</summary>
    Succeeded,
}
