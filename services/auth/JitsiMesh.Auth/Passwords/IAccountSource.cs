namespace JitsiMesh.Auth.Passwords;

/// <summary>The accounts of one domain.</summary>
internal interface IAccountSource
{
    /// <summary>The account of a prepared name, or null.</summary>
    /// <exception cref="Exception">The accounts are unavailable: the login is refused with temporary-auth-failure.</exception>
    ValueTask<Account?> FindAsync(string name, CancellationToken cancellation);

    /// <summary>The keys for unknown names; the same in every process that serves the domain.</summary>
    InventedKeys Invented { get; }
}
