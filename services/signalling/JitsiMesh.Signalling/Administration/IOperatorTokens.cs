namespace JitsiMesh.Signalling.Administration;

/// <summary>What auth says of a token of an operator's program.</summary>
public enum OperatorToken
{
    Good,

    Bad,

    /// <summary>No key is set for such tokens: nobody administers rooms over HTTP.</summary>
    Off,

    /// <summary>Auth does not answer.</summary>
    Unknown,
}

public interface IOperatorTokens
{
    /// <param name="token">As the Authorization header has it, without "Bearer"; may be empty.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<OperatorToken> CheckAsync(string token, CancellationToken cancellation);
}
