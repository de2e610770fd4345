using System.Globalization;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Auth;

namespace JitsiMesh.Auth.Tokens;

/// <summary>Why a token is refused. The texts are Jitsi's own, which clients and scripts of operators compare; where Jitsi has none they are defined here.</summary>
/// <param name="Condition">SASL condition (RFC 6120 section 6.5).</param>
/// <param name="Text">For users. It contains nothing of the token except times.</param>
/// <param name="Reason">For counters.</param>
internal sealed record TokenRefusal(string Condition, string Text, string Reason)
{
    public static readonly TokenRefusal Required = Because("token required", "token_required");
    public static readonly TokenRefusal NoToken = Because("Invalid token", "token_malformed");
    public static readonly TokenRefusal BadFormat = Because("bad token format", "token_malformed");
    public static readonly TokenRefusal NoKeyId = Because("'kid' claim is missing", "token_kid");
    public static readonly TokenRefusal NoAlgorithm = Because("'alg' claim is missing", "token_algorithm");
    public static readonly TokenRefusal BadType = Because("Invalid typ", "token_type");
    public static readonly TokenRefusal BadAlgorithm = Because("Invalid or incorrect alg", "token_algorithm");
    public static readonly TokenRefusal CriticalHeader = Because("unsupported 'crit' header", "token_crit");
    public static readonly TokenRefusal UnknownKey = Because("could not obtain public key", "token_key_unknown");
    public static readonly TokenRefusal KeyServerDown = Because("could not obtain public key", "token_key_unavailable");
    public static readonly TokenRefusal BadSignature = Because("Invalid signature", "token_signature");
    public static readonly TokenRefusal ExpiryIsNoNumber = Because("exp must be number", "token_malformed");
    public static readonly TokenRefusal StartIsNoNumber = Because("nbf must be number", "token_malformed");
    public static readonly TokenRefusal NoExpiry = Because("'exp' claim is missing", "token_no_expiry");
    public static readonly TokenRefusal NotYet = Because("Not acceptable by nbf", "token_not_yet");
    public static readonly TokenRefusal NoIssuer = Because("'iss' claim is missing", "token_issuer");
    public static readonly TokenRefusal BadIssuer = Because("invalid 'iss' claim", "token_issuer");
    public static readonly TokenRefusal NoAudience = Because("'aud' claim is missing", "token_audience");
    public static readonly TokenRefusal BadAudience = Because("invalid 'aud' claim", "token_audience");
    public static readonly TokenRefusal BadContext = Because("invalid 'context' claim", "token_context");
    public static readonly TokenRefusal OtherTenant = Because("Room and token mismatched", "token_tenant");

    // Without text, as in Jitsi: "room claim is missing" and "sub claim is missing" appear only in its log.
    public static readonly TokenRefusal NoRoom = new("not-authorized", "", "token_room");
    public static readonly TokenRefusal NoSubject = new("not-authorized", "", "token_subject");

    /// <param name="seconds">Seconds since the token's expiry.</param>
    /// <param name="lifetime">From iat to exp, in seconds; null for a token without iat.</param>
    public static TokenRefusal Expired(long seconds, long? lifetime)
    {
        var valid = lifetime is { } length ? string.Create(CultureInfo.InvariantCulture, $", valid for:{length} sec") : "";
        return Because(string.Create(CultureInfo.InvariantCulture, $"Not acceptable by exp ({seconds} sec since expired{valid})"), "token_expired");
    }

    public AdmitResponse ToResponse() => AdmissionAnswers.Refuse(Condition, Text, Reason);

    private static TokenRefusal Because(string text, string reason) => new("not-allowed", text, reason);
}
