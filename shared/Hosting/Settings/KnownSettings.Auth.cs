using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>How people log in (AUTH_TYPE).</summary>
public enum AuthenticationType
{
    /// <summary>Accounts of this server's own.</summary>
    Internal,

    /// <summary>Signed tokens.</summary>
    Jwt,

    /// <summary>A directory.</summary>
    Ldap,
}

/// <summary>Who may come in. Each way of logging in has its names in a file of its own beside this one.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<bool> EnableAuth = Switch("ENABLE_AUTH", false, "A login is needed to open a room", "auth, focus, edge-proxy");
    public static readonly Setting<AuthenticationType> AuthType = Choice("AUTH_TYPE", AuthenticationType.Internal, "How people log in: internal (accounts of this server), jwt (signed tokens) or ldap (a directory)", "auth");
    public static readonly Setting<bool> EnableGuests = Switch("ENABLE_GUESTS", false, "Guests may join rooms that somebody with a login has opened", "auth, edge-proxy");
}
