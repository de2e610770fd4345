using System.Diagnostics.CodeAnalysis;
using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Logins by signed tokens (AUTH_TYPE=jwt).</summary>
public static partial class KnownSettings
{
    /// <summary>The secret that the samples of the Jitsi tables show.</summary>
    private const string SampleTokenSecret = "my_jitsi_app_secret";

    private static readonly string[] SignTypes = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];

    public static readonly Setting<string> JwtAppId = Text("JWT_APP_ID", "", "Issuer (iss) that tokens must name when JWT_ACCEPTED_ISSUERS names none", "auth");
    public static readonly Setting<string> JwtAppSecret = SecretOfTokens("JWT_APP_SECRET", "Key of tokens that are signed with HS256, HS384 or HS512; 0 and false count as unset", "auth");
    public static readonly Setting<IReadOnlyList<string>> JwtAcceptedIssuers = List("JWT_ACCEPTED_ISSUERS", "Issuers (iss) of tokens that are accepted, * for any; JWT_APP_ID when unset", "auth");
    public static readonly Setting<IReadOnlyList<string>> JwtAcceptedAudiences = List("JWT_ACCEPTED_AUDIENCES", "Audiences (aud) of tokens that are accepted; any when unset or *", "auth");
    public static readonly Setting<Uri?> JwtAsapKeyServer = Url("JWT_ASAP_KEYSERVER", ["https", "http"], "Folder of public keys of tokens: URL/SHA-256 of the kid in hexadecimal digits.pem", "auth");
    public static readonly Setting<Uri?> JwtKeySetUrl = Url("MESH_JWT_JWKS_URL", ["https", "http"], "A set of public keys of tokens (JWKS, RFC 7517), or an object of certificates by kid", "auth");
    public static readonly Setting<bool> JwtAllowEmpty = Switch("JWT_ALLOW_EMPTY", false, "People without a token come in as guests", "auth");
    public static readonly Setting<string> JwtAuthType = Text("JWT_AUTH_TYPE", "token", "Who verifies tokens: token, this server itself, is the only value", "auth");
    public static readonly Setting<string> JwtTokenAuthModule = Text("JWT_TOKEN_AUTH_MODULE", "token_verification", "Who compares a token with the room: token_verification, this server itself, is the only value", "auth");
    public static readonly Setting<string> JwtSignType = Word("JWT_SIGN_TYPE", "", SignTypes, "The one signature algorithm that is accepted; all that fit the keys when unset", "auth");
    public static readonly Setting<IReadOnlyList<string>> JwtAllOwnerIssuers = List("JWT_ACCEPTED_ALLOWNER_ISSUERS", "Issuers whose people are all moderators", "auth");
    public static readonly Setting<TimeSpan> JwtLeeway = Seconds("MESH_JWT_LEEWAY", 10, 0, 60, "How far the clocks of this server and of tokens' issuers may differ (exp, nbf)", "auth");
    public static readonly Setting<bool> JwtRequireExpiry = Switch("MESH_JWT_REQUIRE_EXP", true, "Tokens without an end (exp) are refused", "auth");

    private static Setting<string> SecretOfTokens(string name, string description, string readBy) =>
        new(name, TryParseTokenSecret, "", "", "a secret of at least 8 characters that no sample shows (32 and more are good ones)", description, readBy, secret: true);

    // What Jitsi's scripts take for no secret is none.
    private static bool TryParseTokenSecret(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) ? "" : text;
        return value.Length is 0 or >= 8 && value != SampleTokenSecret && value != SamplePassword;
    }
}
