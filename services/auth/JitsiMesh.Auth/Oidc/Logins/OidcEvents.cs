using System.Buffers.Text;
using System.Security.Claims;
using System.Text.Json;
using JitsiMesh.Auth.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.Oidc.Logins;

/// <summary>Hooks into the steps of ASP.NET Core's OpenID handler (OpenID Connect Core 1.0 section 3.1), with the checks that it does not do itself.</summary>
internal sealed class OidcEvents(OidcLogins logins) : OpenIdConnectEvents
{
    private static readonly object IdClaims = new();
    private static readonly object UserClaims = new();
    private static readonly object IdTokenText = new();

    // RFC 9207: an answer that names its issuer must name the requested one.
    public override async Task MessageReceived(MessageReceivedContext context)
    {
        // Before any request to the provider. A return without a pending login of this browser will not cause one.
        var isStale = logins.IsStale(context.Properties);
        // Neither does a return with an error.
        if (await logins.OverBudgetAsync(OidcStep.Callback, context.HttpContext, costs: !isStale && string.IsNullOrEmpty(context.ProtocolMessage.Error)) is { } over) throw new OidcRefusedException(over);
        if (isStale) throw new OidcRefusedException(OidcRefusal.State);
        if (context.ProtocolMessage.Iss is { Length: > 0 } issuer && issuer != (await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted)).Issuer) throw new OidcRefusedException(OidcRefusal.Issuer);
    }

    public override Task TokenValidated(TokenValidatedContext context)
    {
        var text = context.TokenEndpointResponse?.IdToken ?? "";
        if (text.Split('.') is not [_, var payload, _] || Decode(payload) is not { } octets || !TokenJson.TryObject(octets, OidcLimits.JsonValues, out var claims)) throw new OidcRefusedException(OidcRefusal.IdToken);

        // OpenID Connect Core section 3.1.3.7: a token with several audiences must name the authorized party (azp).
        if (claims.Value.Member("aud") is { ValueKind: JsonValueKind.Array } audiences && audiences.GetArrayLength() > 1 && claims.Value.Member("azp") is null) throw new OidcRefusedException(OidcRefusal.Party);
        context.HttpContext.Items[IdClaims] = claims.Value;
        context.HttpContext.Items[IdTokenText] = text;
        return Task.CompletedTask;
    }

    public override Task UserInformationReceived(UserInformationReceivedContext context)
    {
        if (!TokenJson.TryObject(JsonSerializer.SerializeToUtf8Bytes(context.User.RootElement), OidcLimits.JsonValues, out var claims)) throw new OidcRefusedException(OidcRefusal.UserInfo);
        context.HttpContext.Items[UserClaims] = claims.Value;
        return Task.CompletedTask;
    }

    public override async Task TicketReceived(TicketReceivedContext context)
    {
        try
        {
            var items = context.HttpContext.Items;
            await logins.FinishAsync(context.HttpContext, context.Properties, [.. new[] { items[IdClaims], items[UserClaims] }.OfType<JsonElement>()]);
            await KeepAsync(context.HttpContext, items[IdTokenText] as string ?? "");
        }
        catch (Exception failure) when (!context.HttpContext.Response.HasStarted)
        {
            await logins.RefuseAsync(context.HttpContext, (failure as OidcRefusedException)?.Refusal ?? OidcRefusal.Failed, context.Properties);
        }

        context.HandleResponse();
    }

    public override async Task RemoteFailure(RemoteFailureContext context)
    {
        await logins.RefuseAsync(context.HttpContext, OidcFailures.OfCallback(context.Failure, context.Request), context.Properties);
        context.HandleResponse();
    }

    // The provider accepts the ID token as proof that the user wants the logout, and does not ask.
    private static Task KeepAsync(HttpContext context, string idToken)
    {
        if (idToken.Length is 0 or > OidcLimits.KeptIdToken) return Task.CompletedTask;
        var kept = new AuthenticationProperties();
        kept.StoreTokens([new AuthenticationToken { Name = "id_token", Value = idToken }]);
        return context.SignInAsync(OidcLogins.KeptScheme, new ClaimsPrincipal(new ClaimsIdentity(OidcLogins.KeptScheme)), kept);
    }

    private static byte[]? Decode(string payload)
    {
        try
        {
            return Base64Url.DecodeFromChars(payload);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
