using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Tokens;

/// <summary>The tokens that a login at an OpenID provider results in (AUTH_TYPE=oidc): issued by this server, and verified like those of AUTH_TYPE=jwt.</summary>
internal static class OwnTokens
{
    private const string DefaultIssuer = "jitsimesh";
    private const string DefaultAudience = "jitsi";

    /// <summary>The algorithm of issued tokens.</summary>
    public static readonly TokenAlgorithm Algorithm = TokenAlgorithm.Find("HS256")!;

    /// <param name="settings">JWT_APP_ID and JWT_ACCEPTED_ISSUERS, JWT_ACCEPTED_AUDIENCES and the other token rules apply here too.</param>
    /// <param name="key">The key of tokens, read at each verification.</param>
    /// <exception cref="SettingsException">Token settings that contradict tokens issued by this server.</exception>
    public static TokenOptions OptionsOf(MeshSettings settings, Func<byte[]> key)
    {
        var problems = new List<string>();
        foreach (var setting in new Setting[] { KnownSettings.JwtAsapKeyServer, KnownSettings.JwtKeySetUrl })
        {
            if (settings.IsSet(setting)) problems.Add($"{setting.Name}: not possible with {KnownSettings.AuthType.Name}=oidc, where this server signs its tokens itself; unset it, or let the other system log users in with {KnownSettings.AuthType.Name}=jwt");
        }

        if (settings.Get(KnownSettings.JwtSignType) is { Length: > 0 } type && type != Algorithm.Name) problems.Add($"{KnownSettings.JwtSignType.Name}: with {KnownSettings.AuthType.Name}=oidc tokens are signed with {Algorithm.Name}; unset it");
        if (problems.Count > 0) throw new SettingsException(problems);
        var own = settings.Get(KnownSettings.JwtAppId) is { Length: > 0 } id ? id : DefaultIssuer;
        var audiences = settings.Get(KnownSettings.JwtAcceptedAudiences).Where(a => a != "*").ToList();
        return new TokenOptions
        {
            Domain = settings.XmppDomain,
            Secret = settings.Get(KnownSettings.JwtAppSecret) is { Length: > 0 } secret ? new SharedKey(secret) : new SharedKey(key),
            Algorithms = [Algorithm],
            Issuers = [own, .. settings.Get(KnownSettings.JwtAcceptedIssuers).Where(i => i != own && i != "*")],
            Audiences = audiences.Count > 0 ? audiences : [DefaultAudience],
            AllOwnerIssuers = settings.Get(KnownSettings.JwtAllOwnerIssuers),
            AllowEmpty = settings.Get(KnownSettings.JwtAllowEmpty),
            VerifyDomain = settings.TokensNameTenants,
            RequireExpiry = settings.Get(KnownSettings.JwtRequireExpiry),
            Leeway = settings.Get(KnownSettings.JwtLeeway),
        };
    }

    public static string IssuerOf(TokenOptions tokens) => tokens.Issuers[0];

    public static string AudienceOf(TokenOptions tokens) => tokens.Audiences[0];
}
