using JitsiMesh.Contracts.Auth;

namespace JitsiMesh.Auth.SystemTokens;

/// <summary>Decides whether a token belongs to an operator's program.</summary>
public interface ISystemTokens
{
    /// <param name="token">As received; may be empty.</param>
    /// <param name="cancellation">Cancels the wait for a key.</param>
    ValueTask<CheckTokenResponse> CheckAsync(string token, CancellationToken cancellation);
}
