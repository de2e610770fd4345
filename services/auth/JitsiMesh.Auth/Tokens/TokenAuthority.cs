using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Auth;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tokens;

/// <summary>
/// Lets people in with a signed token on the main domain. The token comes with the session's URL, and the exchange itself is ANONYMOUS (mod_auth_token). Without a token
/// nobody comes in, or where JWT_ALLOW_EMPTY says so, guests do.
/// </summary>
internal sealed partial class TokenAuthority : IAdmissionAuthority
{
    private static readonly string[] Anonymous = ["ANONYMOUS"];

    private readonly TokenOptions _options;
    private readonly TokenVerifier _verifier;

    public TokenAuthority(TokenOptions options, TokenVerifier verifier, ILogger<TokenAuthority> logger)
    {
        _options = options;
        _verifier = verifier;
        if (options.Secret is { Octets: < TokenLimits.GoodSecretOctets } secret) LogShortSecret(logger, secret.Octets, TokenLimits.GoodSecretOctets);
        if (options.AllowEmpty) LogEmptyAllowed(logger);
    }

    public IReadOnlyList<string> Mechanisms(string host) => string.Equals(host, _options.Domain, StringComparison.OrdinalIgnoreCase) ? Anonymous : [];

    public async ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Token.Length == 0) return _options.AllowEmpty ? AdmissionAnswers.Guest : TokenRefusal.Required.ToResponse();
        var verdict = await _verifier.VerifyAsync(request.Token, request.Tenant, null, cancellation);
        return verdict.Context is { } context ? AdmissionAnswers.Admit("", context) : verdict.Refusal!.ToResponse();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "JWT_APP_SECRET has {Octets} octets: whoever has a token can try secrets out; take {Good} random ones or more")]
    private static partial void LogShortSecret(ILogger logger, int octets, int good);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "JWT_ALLOW_EMPTY: people without a token come in as guests")]
    private static partial void LogEmptyAllowed(ILogger logger);
}
