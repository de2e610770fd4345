using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace JitsiMesh.Auth.Oidc;

/// <summary>Maps the handler's error of a failed login to one of a few reasons. Texts of the provider are never passed on.</summary>
internal static class OidcFailures
{
    /// <summary>For a failure to read the provider's metadata and keys.</summary>
    public static OidcRefusal OfProvider(Exception exception) => Chain(exception).OfType<OidcRefusedException>().FirstOrDefault()?.Refusal ?? (IsUnreachable(exception) ? OidcRefusal.Down : OidcRefusal.BadAnswer);

    /// <summary>For a failure of a pushed authorization request (RFC 9126) at the start of a login.</summary>
    public static OidcRefusal OfBeginning(Exception exception) => OfAnswer(exception) is var refusal && refusal == OidcRefusal.Failed ? OfProvider(exception) : refusal;

    /// <summary>For a failure of the callback.</summary>
    /// <param name="exception">The handler's error.</param>
    /// <param name="request">The request, whose parameter error is the provider's refusal.</param>
    public static OidcRefusal OfCallback(Exception? exception, HttpRequest request)
    {
        if (exception is null) return OidcRefusal.Failed;

        // The handler identifies these errors only by its own fixed texts.
        if (exception is AuthenticationFailureException { InnerException: null } && !IsProviders(exception))
        {
            if (IsAbout(exception, "Correlation", "message.State", "No message")) return OidcRefusal.State;
            return IsAbout(exception, "Access was denied") || request.Query.ContainsKey("error") ? OidcRefusal.Provider : OfAnswer(exception);
        }

        var refusal = OfAnswer(exception);
        return refusal == OidcRefusal.Failed && request.Query.ContainsKey("error") ? OidcRefusal.Provider : refusal;
    }

    private static OidcRefusal OfAnswer(Exception exception)
    {
        foreach (var cause in Chain(exception))
        {
            if (OfOne(cause) is { } refusal) return refusal;
        }

        return OidcRefusal.Failed;
    }

    private static OidcRefusal? OfOne(Exception cause) => cause switch
    {
        OidcRefusedException refused => refused.Refusal,
        OpenIdConnectProtocolInvalidNonceException => OidcRefusal.Nonce,
        OpenIdConnectProtocolInvalidStateException => OidcRefusal.State,
        SecurityTokenInvalidIssuerException => OidcRefusal.Issuer,
        SecurityTokenInvalidAudienceException => OidcRefusal.Audience,
        SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException or SecurityTokenInvalidSigningKeyException => OidcRefusal.Signature,
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => OidcRefusal.Expired,
        SecurityTokenException or SecurityTokenArgumentException => OidcRefusal.IdToken,
        OpenIdConnectProtocolException protocol => OfProtocol(protocol),
        HttpRequestException http => IsUnreachable(http) ? OidcRefusal.Down : OidcRefusal.BadAnswer,
        OperationCanceledException => OidcRefusal.Down,
        JsonException or FormatException or CryptographicException or ArgumentException or NotSupportedException => OidcRefusal.BadAnswer,
        _ => null,
    };

    private static OidcRefusal OfProtocol(OpenIdConnectProtocolException protocol)
    {
        if (IsProviders(protocol))
        {
            return (protocol.Data["error"] as string) switch
            {
                "invalid_client" or "unauthorized_client" => OidcRefusal.Client,
                "invalid_grant" => OidcRefusal.Code,
                "access_denied" or "login_required" or "interaction_required" or "consent_required" or "account_selection_required" => OidcRefusal.Provider,
                "temporarily_unavailable" or "server_error" => OidcRefusal.Down,
                _ => OidcRefusal.BadAnswer,
            };
        }

        return IsAbout(protocol, "azp") ? OidcRefusal.Party
            : IsAbout(protocol, "UserInfo", "userinfo", "user info") ? OidcRefusal.UserInfo
            : OidcRefusal.IdToken;
    }

    private static bool IsProviders(Exception exception) => exception.Data["error"] is string;

    private static bool IsAbout(Exception exception, params string[] words) => Array.Exists(words, word => exception.Message.Contains(word, StringComparison.Ordinal));

    // An answer that is too long, or not HTTP, was an answer; all failures before it mean that there was none.
    private static bool IsUnreachable(Exception exception) => Chain(exception).Any(cause => cause is OperationCanceledException
        || (cause is HttpRequestException http && http.HttpRequestError is not (HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse) && (http.StatusCode is null || (int)http.StatusCode >= 500)));

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (var depth = 0; exception is not null && depth < 8; depth++, exception = exception.InnerException) yield return exception;
    }
}
