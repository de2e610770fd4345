using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Who becomes moderator among participants whose login says nothing about it (MESH_MODERATORS).</summary>
public enum ModeratorPolicy
{
    /// <summary>The first one in the room; with logins, the first that is no guest. Off in a room as soon as a login says whether somebody moderates.</summary>
    First,

    /// <summary>Everybody with a login.</summary>
    Host,

    /// <summary>Only participants whose login says so.</summary>
    Token,

    /// <summary>Nobody, even if a login says so.</summary>
    Nobody,

    /// <summary>Everybody who is admitted, regardless of the login (mod_muc_allowners).</summary>
    All,
}

/// <summary>Who opens a room, who enters it, who moderates it.</summary>
public static partial class KnownSettings
{
    private const string UnbuiltModules = "no module of Prosody runs, and the rights that it enforces would be missing: take it out to start";

    public static readonly Setting<ModeratorPolicy> Moderators = Choice("MESH_MODERATORS", ModeratorPolicy.First, "Who moderates where the login does not say it: first (in the room), host (everybody with a login), token (nobody else), nobody (not even where it says so) or all (everybody, whatever it says); unset: host with AUTH_TYPE internal, ldap and oidc, else first", "signalling, focus", follows: true);
    public static readonly Setting<bool> WaitForHostDisableAutoOwners = Switch("WAIT_FOR_HOST_DISABLE_AUTO_OWNERS", false, "MESH_MODERATORS is token where it is unset: a login makes nobody a moderator", "signalling, focus");
    public static readonly Setting<string> XmppModules = Text("XMPP_MODULES", "", "Modules of Prosody that are built in: muc_wait_for_host, persistent_lobby, token_affiliation, token_verification and more; another one about rights ends the start", "signalling, focus").StopsFor("unbuilt", "signalling", UnbuiltModules);
    public static readonly Setting<string> XmppMucModules = Text("XMPP_MUC_MODULES", "", "The same list for the room domain (XMPP_MUC_DOMAIN)", "signalling, focus").StopsFor("unbuilt", "signalling", UnbuiltModules);
    public static readonly Setting<bool> JwtEnableDomainVerification = Switch("JWT_ENABLE_DOMAIN_VERIFICATION", false, "A token's sub names the tenant in which it is good, or XMPP_DOMAIN for rooms without one, or *; unset: 1 with AUTH_TYPE=oidc, else 0", "auth, signalling");
    public static readonly Setting<bool> JicofoEnableAuth = Switch("JICOFO_ENABLE_AUTH", true, "0: with ENABLE_AUTH=1, whoever is let in may open a room, guests too", "focus");
    public static readonly Setting<string> JicofoAuthType = Text("JICOFO_AUTH_TYPE", "", "Must mean the same as AUTH_TYPE where it is set", "focus");
    public static readonly Setting<TimeSpan> JicofoAuthLifetime = Seconds("JICOFO_AUTH_LIFETIME", 86400, 60, 31536000, "How long a login in a meeting holds (24 hours, 90m)", "focus");
    public static readonly Setting<bool> EnableAutoLogin = Switch("ENABLE_AUTO_LOGIN", true, "0: a login in a meeting is over when the meeting is", "focus");
}
