using JitsiMesh.Auth.Tokens;
using JitsiMesh.Contracts.Auth;

namespace JitsiMesh.Auth.SystemTokens;

/// <summary>
/// Verifies the tokens of an operator's programs with keys of their own: the token of a login never administers rooms, whoever signed it. Without such keys no token is accepted.
/// </summary>
/// <param name="verifier">With the keys; null if none is configured.</param>
internal sealed class SystemTokenCheck(TokenVerifier? verifier) : ISystemTokens
{
    public async ValueTask<CheckTokenResponse> CheckAsync(string token, CancellationToken cancellation)
    {
        if (verifier is null) return Refuse("", "system_tokens_off");
        if (token.Length == 0) return Refuse(TokenRefusal.Required.Text, TokenRefusal.Required.Reason);
        var verdict = await verifier.VerifyAsync(token, "", null, cancellation);
        return verdict.Refusal is { } refusal ? Refuse(refusal.Text, refusal.Reason) : new CheckTokenResponse { Accepted = true };
    }

    private static CheckTokenResponse Refuse(string text, string reason) => new() { Refused = new Refused { Condition = "not-authorized", Text = text, Reason = reason } };
}
