namespace JitsiMesh.Auth.Admission;

/// <summary>Limits how often passwords may be tried, by account and by address. After <see cref="TryBegin"/> said yes comes one of the others.</summary>
internal interface ILoginTries
{
    /// <summary>Whether a password may be looked at now.</summary>
    /// <param name="accountKey">The account's name, prepared; the same for each spelling.</param>
    /// <param name="addressTag">Stands for the client's address; empty where none counts.</param>
    bool TryBegin(string accountKey, string addressTag);

    /// <summary>The name or the password was wrong.</summary>
    void Failed(string accountKey, string addressTag);

    void Succeeded(string accountKey, string addressTag);

    /// <summary>Nobody could tell whether the password was right: the try does not count.</summary>
    void Withdrawn(string accountKey, string addressTag);
}
