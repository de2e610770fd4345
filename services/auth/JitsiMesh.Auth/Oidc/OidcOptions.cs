using System.Net;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Oidc;

/// <summary>The settings of logins at an OpenID provider, validated as a whole: missing values and contradictions are refused before the service starts.</summary>
internal sealed record OidcOptions
{
    public required string Domain { get; init; }

    /// <summary>PUBLIC_URL: the return address of every login.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>As in the setting.</summary>
    public required Uri Issuer { get; init; }

    public required Uri Discovery { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Null for a public client.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Including openid.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    public required string NameClaim { get; init; }

    public required string MailClaim { get; init; }

    public required string AvatarClaim { get; init; }

    public required string GroupsClaim { get; init; }

    /// <summary>Empty if every account is valid for every tenant.</summary>
    public required string TenantClaim { get; init; }

    /// <summary>Null if the provider does not decide about moderators.</summary>
    public IReadOnlyList<string>? ModeratorGroups { get; init; }

    /// <summary>Null if every account may log in.</summary>
    public IReadOnlyList<string>? AllowedGroups { get; init; }

    public IReadOnlyList<(string Feature, string Group)> FeatureGroups { get; init; } = [];

    public required TimeSpan TokenLifetime { get; init; }

    public required bool ProviderLogout { get; init; }

    public required string AppScheme { get; init; }

    /// <summary>Peers whose X-Forwarded-For is trusted, besides the edge.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <exception cref="SettingsException">One line for each setting that is missing, wrong or contradicted by another.</exception>
    public static OidcOptions Read(MeshSettings settings)
    {
        var problems = new List<string>();
        if (settings.Get(KnownSettings.OidcTenantClaim).Length > 0 && !settings.TokensNameTenants)
        {
            problems.Add($"{KnownSettings.JwtEnableDomainVerification.Name}: with {KnownSettings.OidcTenantClaim.Name} it must not be 0, since a token of one tenant would be valid in all");
        }

        if (settings.PublicUrl is null) problems.Add($"{KnownSettings.PublicUrl.Name}: must be set with {KnownSettings.AuthType.Name}=oidc: the provider redirects users to it (its redirect URI is {KnownSettings.PublicUrl.Name}{OidcPaths.Callback})");
        var issuer = AddressOf(settings, KnownSettings.OidcIssuer, problems);
        if (settings.Get(KnownSettings.OidcIssuer) is null) problems.Add($"{KnownSettings.OidcIssuer.Name}: must be set with {KnownSettings.AuthType.Name}=oidc: the provider's issuer identifier");
        var discovery = AddressOf(settings, KnownSettings.OidcDiscoveryUrl, problems) ?? (issuer is null ? null : new Uri(issuer.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration"));
        if (issuer is { Query.Length: > 0 }) problems.Add($"{KnownSettings.OidcIssuer.Name}: an issuer has no query ('?')");
        var clientId = settings.Get(KnownSettings.OidcClientId);
        if (clientId.Length == 0) problems.Add($"{KnownSettings.OidcClientId.Name}: must be set with {KnownSettings.AuthType.Name}=oidc: the client id of this server at the provider");
        var scheme = settings.Get(KnownSettings.OidcAppScheme);
        if (!Uri.CheckSchemeName(scheme) || scheme.ToLowerInvariant() is "http" or "https" or "javascript" or "data" or "file" or "vbscript" or "blob" or "about")
        {
            problems.Add($"{KnownSettings.OidcAppScheme.Name}: '{scheme}' is not the URL scheme of an app, such as org.jitsi.meet");
        }

        var moderators = GroupsOf(settings, KnownSettings.OidcModeratorGroups);
        var allowed = GroupsOf(settings, KnownSettings.OidcAllowedGroups);
        var features = FeaturesOf(settings, problems);
        if ((moderators?.Count ?? 0) + (allowed?.Count ?? 0) + features.Count > OidcLimits.NamedGroups)
        {
            problems.Add(FormattableString.Invariant($"{KnownSettings.OidcModeratorGroups.Name}, {KnownSettings.OidcFeatureGroups.Name}, {KnownSettings.OidcAllowedGroups.Name}: more than {OidcLimits.NamedGroups} groups"));
        }

        AddEmpty(settings, KnownSettings.OidcModeratorGroups, moderators, problems);
        AddEmpty(settings, KnownSettings.OidcAllowedGroups, allowed, problems);
        if (problems.Count > 0) throw new SettingsException(problems);
        var secret = settings.Get(KnownSettings.OidcClientSecret);
        return new OidcOptions
        {
            Domain = settings.XmppDomain,
            PublicUrl = new Uri(settings.PublicUrl!),
            Issuer = issuer!,
            Discovery = discovery!,
            ClientId = clientId,
            ClientSecret = secret.Length > 0 ? secret : null,
            Scopes = [.. settings.Get(KnownSettings.OidcScopes).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Prepend("openid").Distinct(StringComparer.Ordinal)],
            NameClaim = settings.Get(KnownSettings.OidcNameClaim),
            MailClaim = settings.Get(KnownSettings.OidcMailClaim),
            AvatarClaim = settings.Get(KnownSettings.OidcAvatarClaim),
            GroupsClaim = settings.Get(KnownSettings.OidcGroupsClaim),
            TenantClaim = settings.Get(KnownSettings.OidcTenantClaim),
            ModeratorGroups = moderators,
            AllowedGroups = allowed,
            FeatureGroups = features,
            TokenLifetime = settings.Get(KnownSettings.OidcTokenLifetime),
            ProviderLogout = settings.Get(KnownSettings.OidcProviderLogout),
            AppScheme = scheme,
            TrustedProxies = settings.Get(KnownSettings.TrustedProxies),
        };
    }

    public override string ToString() => "OpenID options";

    private static Uri? AddressOf(MeshSettings settings, Setting<Uri?> setting, List<string> problems)
    {
        if (settings.Get(setting) is not { } address) return null;
        if (address.UserInfo.Length > 0 || address.Fragment.Length > 0) problems.Add($"{setting.Name}: a user, a password or a fragment ('#') is not allowed");
        return address;
    }

    private static List<string>? GroupsOf(MeshSettings settings, Setting<string> setting) =>
        settings.IsSet(setting) ? [.. settings.Get(setting).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)] : null;

    private static void AddEmpty(MeshSettings settings, Setting<string> setting, List<string>? groups, List<string> problems)
    {
        if (groups is { Count: 0 }) problems.Add($"{setting.Name}: '{settings.Get(setting)}' names no group");
    }

    private static List<(string Feature, string Group)> FeaturesOf(MeshSettings settings, List<string> problems)
    {
        var features = new List<(string, string)>();
        foreach (var item in GroupsOf(settings, KnownSettings.OidcFeatureGroups) ?? [])
        {
            var equals = item.IndexOf('=', StringComparison.Ordinal);
            var feature = equals < 0 ? "" : item[..equals].Trim();
            var group = equals < 0 ? "" : item[(equals + 1)..].Trim();
            if (feature.Length == 0 || !feature.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') || group.Length == 0) problems.Add($"{KnownSettings.OidcFeatureGroups.Name}: '{item}' is not feature=group");
            else features.Add((feature, group));
        }

        return features;
    }
}

/// <summary>The paths that auth serves to browsers.</summary>
internal static class OidcPaths
{
    public const string Login = "/oidc/login";

    public const string Callback = "/oidc/callback";

    public const string Logout = "/oidc/logout";

    /// <summary>The return address of the provider's own logout.</summary>
    public const string LoggedOut = "/oidc/logged-out";
}
