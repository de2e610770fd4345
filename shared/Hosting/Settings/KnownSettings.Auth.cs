using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>How participants log in (AUTH_TYPE).</summary>
public enum AuthenticationType
{
    /// <summary>Accounts of this server's own.</summary>
    Internal,

    /// <summary>Signed tokens.</summary>
    Jwt,

    /// <summary>A directory.</summary>
    Ldap,

    /// <summary>An OpenID provider, with which this server issues its own tokens.</summary>
    Oidc,

    /// <summary>A signed token, or a name and a password.</summary>
    Hybrid,
}

/// <summary>Which clients are admitted. The settings of each login method are in a separate file beside this one.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<bool> EnableAuth = Switch("ENABLE_AUTH", false, "A login is needed to open a room", "auth, focus, edge-proxy");
    public static readonly Setting<AuthenticationType> AuthType = WithoutMatrix("AUTH_TYPE", "How people log in: internal (accounts of this server), jwt (signed tokens), ldap (a directory), oidc (an OpenID provider) or hybrid (a signed token, or an account of this server or a directory)", "auth, focus, edge-proxy");
    public static readonly Setting<string> ProsodyAuthType = Text("PROSODY_AUTH_TYPE", "", "Must mean the same as AUTH_TYPE where it is set", "auth");
    public static readonly Setting<bool> EnableGuests = Switch("ENABLE_GUESTS", false, "Guests may join rooms that somebody with a login has opened", "auth, edge-proxy");

    // Jitsi has two more methods, with a Matrix server: an operator that configures them is told that there is no replacement.
    private static Setting<AuthenticationType> WithoutMatrix(string name, string description, string readBy)
    {
        var plain = Choice(name, AuthenticationType.Internal, description, readBy);
        return new Setting<AuthenticationType>(name, (string text, out AuthenticationType value) =>
            {
                value = default;
                if (!plain.TryParse(text, out var parsed)) return false;
                value = (AuthenticationType)parsed;
                return true;
            },
            plain.Default, plain.DefaultText, plain.Expected + "; logins by a Matrix server (matrix, hybrid_matrix_token) are not possible here, since its user verification service is not asked", description, readBy);
    }
}
