using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Logins by an OpenID provider (AUTH_TYPE=oidc).</summary>
public static partial class KnownSettings
{
    public static readonly Setting<Uri?> OidcIssuer = Url("MESH_OIDC_ISSUER", ["https", "http"], "The OpenID provider, as it names itself (issuer), for instance https://login.example.com/realms/company", "auth");
    public static readonly Setting<Uri?> OidcDiscoveryUrl = Url("MESH_OIDC_DISCOVERY_URL", ["https", "http"], "Where the provider describes itself, when that is not MESH_OIDC_ISSUER/.well-known/openid-configuration", "auth");
    public static readonly Setting<string> OidcClientId = Text("MESH_OIDC_CLIENT_ID", "", "Name of this server at the provider", "auth");
    public static readonly Setting<string> OidcClientSecret = SecretText("MESH_OIDC_CLIENT_SECRET", "a text", _ => true, "Secret that goes with it; a public client, with PKCE alone, when unset", "auth");
    public static readonly Setting<string> OidcScopes = Text("MESH_OIDC_SCOPES", "openid profile email", "Scopes that the provider is asked for, separated by blanks; openid is always among them", "auth");
    public static readonly Setting<string> OidcNameClaim = Text("MESH_OIDC_NAME_CLAIM", "name", "Claim that is the name in the meeting; preferred_username when it is missing", "auth");
    public static readonly Setting<string> OidcMailClaim = Text("MESH_OIDC_MAIL_CLAIM", "email", "Claim that is the mail address; not taken where email_verified is false", "auth");
    public static readonly Setting<string> OidcAvatarClaim = Text("MESH_OIDC_AVATAR_CLAIM", "picture", "Claim that is the address of a picture", "auth");
    public static readonly Setting<string> OidcGroupsClaim = Text("MESH_OIDC_GROUPS_CLAIM", "groups", "Claim that names the groups: a list or a text; dots lead into objects (realm_access.roles)", "auth");
    public static readonly Setting<string> OidcModeratorGroups = Text("MESH_OIDC_MODERATOR_GROUPS", "", "Groups whose members moderate, and nobody else, separated by semicolons; the provider says nothing of moderating when unset", "auth");
    public static readonly Setting<string> OidcFeatureGroups = Text("MESH_OIDC_FEATURE_GROUPS", "", "Features and the group that has each, as feature=group, separated by semicolons", "auth");
    public static readonly Setting<string> OidcAllowedGroups = Text("MESH_OIDC_ALLOWED_GROUPS", "", "Groups whose members may log in, separated by semicolons; everybody with an account when unset", "auth");
    public static readonly Setting<string> OidcTenantClaim = Text("MESH_OIDC_TENANT_CLAIM", "", "Claim that names the tenant, or the tenants, whose rooms somebody may log in to (* for all); of every tenant when unset", "auth");
    public static readonly Setting<TimeSpan> OidcTokenLifetime = Seconds("MESH_OIDC_TOKEN_LIFETIME", 21600, 60, 604800, "How long a login opens its room (6h, 90m)", "auth");
    public static readonly Setting<bool> OidcProviderLogout = Switch("MESH_OIDC_PROVIDER_LOGOUT", true, "Logging out here logs out at the provider too, where it has an end_session_endpoint", "auth");
    public static readonly Setting<string> OidcAppScheme = Text("MESH_OIDC_APP_SCHEME", "org.jitsi.meet", "Scheme of the mobile app, to which a login that it began comes back", "auth");
}
