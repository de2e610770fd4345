namespace JitsiMesh.Auth.Oidc;

/// <summary>Why an OpenID login failed.</summary>
/// <param name="Reason">For counters: one of a few fixed names.</param>
/// <param name="Status">The page's HTTP status.</param>
/// <param name="Sentence">The text for the user: one sentence without details of the provider's answer.</param>
internal sealed record OidcRefusal(string Reason, int Status, string Sentence)
{
    public static readonly OidcRefusal NoRoom = new("oidc_address", 400, "The address of this login names no room.");
    public static readonly OidcRefusal Down = new("oidc_provider_down", 503, "The login service cannot be reached at the moment.");
    public static readonly OidcRefusal BadAnswer = new("oidc_provider_answer", 502, "The login service gave an invalid answer.");
    public static readonly OidcRefusal Client = new("oidc_client", 502, "The login service does not accept this server: its administrator has to check the client id and secret.");
    public static readonly OidcRefusal Provider = new("oidc_refused", 403, "The login service did not log you in.");
    public static readonly OidcRefusal Code = new("oidc_code", 400, "This login was already used, or took too long.");
    public static readonly OidcRefusal State = new("oidc_state", 400, "This login was started in another window, was already used, or took too long.");
    public static readonly OidcRefusal Nonce = new("oidc_nonce", 400, "The login service answered a different login.");
    public static readonly OidcRefusal Issuer = new("oidc_issuer", 502, "The answer is not from the login service.");
    public static readonly OidcRefusal Audience = new("oidc_audience", 502, "The login service answered a different server.");
    public static readonly OidcRefusal Party = new("oidc_azp", 502, "The login service answered a different server.");
    public static readonly OidcRefusal Signature = new("oidc_signature", 502, "The answer of the login service has no valid signature.");
    public static readonly OidcRefusal Expired = new("oidc_expired", 400, "The answer of the login service is no longer valid, or not yet: a clock may be wrong.");
    public static readonly OidcRefusal IdToken = new("oidc_id_token", 502, "The login service gave an invalid answer.");
    public static readonly OidcRefusal UserInfo = new("oidc_userinfo", 502, "The login service did not say who you are.");
    public static readonly OidcRefusal Claims = new("oidc_claims", 502, "The login service did not say who you are.");
    public static readonly OidcRefusal Group = new("oidc_group", 403, "Your account may not log in here.");
    public static readonly OidcRefusal Tenant = new("oidc_tenant", 403, "Your account does not belong to this room's organisation.");
    public static readonly OidcRefusal TooOften = new("oidc_too_often", 429, "Too many logins came from your network within a minute: wait a minute, and try again.");
    public static readonly OidcRefusal Busy = new("oidc_busy", 429, "Too many users log in at the moment: wait a minute, and try again.");
    public static readonly OidcRefusal Failed = new("oidc_failed", 500, "The login failed.");
}

/// <summary>Aborts a login with a reason.</summary>
internal sealed class OidcRefusedException(OidcRefusal refusal) : Exception(refusal.Reason)
{
    public OidcRefusal Refusal => refusal;
}
