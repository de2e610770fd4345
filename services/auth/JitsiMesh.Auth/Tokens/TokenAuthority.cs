using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Auth;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tokens;

/// <summary>
/// Admits clients with a signed token on the main domain. The token comes with the session's URL, and the SASL exchange itself is ANONYMOUS (mod_auth_token). A client without a token
/// is refused, or admitted as a guest with JWT_ALLOW_EMPTY.
/// </summary>
internal sealed partial class TokenAuthority : IAdmissionAuthority
{
    private static readonly string[] Anonymous = ["ANONYMOUS"];

    private readonly TokenOptions _options;
    private readonly TokenVerifier _verifier;
    private readonly ILogger<TokenAuthority> _logger;

    public TokenAuthority(TokenOptions options, TokenVerifier verifier, ILogger<TokenAuthority> logger)
    {
        _options = options;
        _verifier = verifier;
        _logger = logger;
        if (options.Secret?.Octets is { } octets and < TokenLimits.GoodSecretOctets) LogShortSecret(logger, octets, TokenLimits.GoodSecretOctets);
        if (options.AllowEmpty) LogEmptyAllowed(logger);
    }

    public IReadOnlyList<string> Mechanisms(string host) => string.Equals(host, _options.Domain, StringComparison.OrdinalIgnoreCase) ? Anonymous : [];

    public async ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Token.Length == 0) return _options.AllowEmpty ? AdmissionAnswers.Guest : Refuse(TokenRefusal.Required);
        var verdict = await _verifier.VerifyAsync(request.Token, request.Tenant, null, cancellation);
        return verdict.Context is { } context ? AdmissionAnswers.Admit("", context) : Refuse(verdict.Refusal!);
    }

    private AdmitResponse Refuse(TokenRefusal refusal)
    {
        LogRefused(_logger, refusal.Reason);
        return refusal.ToResponse();
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "A login was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "JWT_APP_SECRET has {Octets} octets: the holder of a token can guess secrets offline; use {Good} random ones or more")]
    private static partial void LogShortSecret(ILogger logger, int octets, int good);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "JWT_ALLOW_EMPTY: clients without a token are admitted as guests")]
    private static partial void LogEmptyAllowed(ILogger logger);
}
