using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace JitsiMesh.Auth.Oidc.Provider;

/// <summary>
/// Validates ID tokens and refuses unsigned ones. ASP.NET's handler accepts an unsigned token from the token endpoint, as OpenID Connect Core 1.0 section 3.1.3.7 allows. Then an attacker
/// between this server and the provider could forge an identity.
/// </summary>
internal sealed class SignedTokens : JsonWebTokenHandler
{
    public SignedTokens() => MapInboundClaims = false;

    public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        validationParameters.RequireSignedTokens = true;
        return base.ValidateTokenAsync(token, validationParameters);
    }
}
