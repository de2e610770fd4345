namespace JitsiMesh.Auth.Passwords;

/// <summary>Where the accounts of one domain are.</summary>
internal interface IAccountSource
{
    /// <summary>The account of a prepared name, or null.</summary>
    /// <exception cref="Exception">Nobody can tell at the moment: the login is refused as temporarily impossible.</exception>
    ValueTask<Account?> FindAsync(string name, CancellationToken cancellation);

    /// <summary>What unknown names are answered with; the same in every process that serves the domain.</summary>
    InventedKeys Invented { get; }
}
