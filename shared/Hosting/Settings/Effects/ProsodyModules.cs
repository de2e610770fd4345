using System.Text.RegularExpressions;

namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>
/// Finds the names in a list of Prosody's modules, or in lines of its configuration, that decide about rights. There are hundreds of modules, official ones, community ones and
/// operators' own, so they are recognised by the words in their names. Modules that this version implements are excluded.
/// </summary>
public static partial class ProsodyModules
{
    // Signalling always has its own lobby, resource validation, moderation and ends of meetings. The connection options are in many deployments' configuration and do not
    // affect rights: TLS exists only at the edge, there are no links between servers, and there is no password to protect.
    private static readonly HashSet<string> BuiltIn = new(StringComparer.Ordinal)
    {
        "muc_lobby_rooms", "av_moderation", "av_moderation_component", "muc_resource_validate", "muc_end_meeting", "end_conference", "muc_max_occupants",
        "consider_websocket_secure", "consider_bosh_secure", "c2s_require_encryption", "s2s_require_encryption", "allow_unencrypted_plain_auth",
        "cross_domain_websocket", "cross_domain_bosh",

        // Recording and calling out, the rights of a moderator, and hiding rooms from clients outside.
        "filter_iq_jibri", "filter_iq_rayo", "jitsi_permissions", "muc_hide_all",
    };

    // Modules that a setting of JitsiMesh covers where logins are on, or where that setting is set: the name of a module in the lists of the main and the room domain is equivalent to that setting.
    private static readonly Dictionary<string, Func<Func<string, string?>, bool>> Mapped = new(StringComparer.Ordinal)
    {
        ["token_verification"] = HasTokens,
        ["token_affiliation"] = HasTokens,
        ["muc_wait_for_host"] = HasLogins,
        ["persistent_lobby"] = HasLogins,
        ["reservations"] = HasReservations,
        ["muc_size"] = static _ => true,
        ["muc_allowners"] = static _ => true,
        // Without a key for programs' tokens, which only auth has, these pages do not exist: nothing is open that should not be.
        ["muc_end_meeting"] = static _ => true,
        ["muc_kick_participant"] = static _ => true,
        ["system_chat_message"] = static _ => true,
        ["muc_auth_ban"] = HasAccessManager,
    };

    private static readonly string[] Words =
    [
        "token", "jwt", "auth", "login", "lobby", "password", "passwd", "owner", "moderat", "admin", "affiliation", "whitelist", "blacklist", "blocklist",
        "allowlist", "allow_", "deny", "block", "kick", "restrict", "limit", "access", "filter", "wait_for_host", "secur", "encrypt", "verif", "validate", "permission",
        "reservation", "frozen", "firewall", "guest", "anonymous", "hide", "hidden", "private", "members", "occupants", "host_guard", "muc_domain_guard", "tls", "certificate",
    ];

    /// <summary>The names in a text that decide about rights, each once, in order. A backslash and an n part lines, as in Jitsi's templates.</summary>
    public static IReadOnlyList<string> Named(string text) =>
        [.. All(text).Where(name => !BuiltIn.Contains(name) && IsAboutRights(name))];

    /// <summary>Those of <see cref="Named"/> without an equivalent setting.</summary>
    /// <param name="text">The list of the main or of the room domain.</param>
    /// <param name="valueOf">The value of another setting, or null where it is unset.</param>
    public static IReadOnlyList<string> Unbuilt(string text, Func<string, string?> valueOf) => [.. Named(text).Where(name => !IsMapped(name, valueOf))];

    /// <summary>Whether every module of a list has an equivalent setting.</summary>
    public static bool AreMapped(string text, Func<string, string?> valueOf) => All(text).All(name => IsMapped(name, valueOf));

    /// <summary>All names in a text, each once, in order, without the prefix <c>mod_</c>.</summary>
    public static IReadOnlyList<string> All(string text) =>
        [.. Identifier().Matches(text.Replace("\\n", "\n", StringComparison.Ordinal).ToLowerInvariant()).Select(match => match.Value.StartsWith("mod_", StringComparison.Ordinal) ? match.Value[4..] : match.Value)
            .Distinct(StringComparer.Ordinal)];

    private static bool IsMapped(string name, Func<string, string?> valueOf) => Mapped.TryGetValue(name, out var holds) && holds(valueOf);

    private static bool HasLogins(Func<string, string?> valueOf) => IsOn(valueOf("ENABLE_AUTH"));

    private static bool HasReservations(Func<string, string?> valueOf) => IsOn(valueOf("PROSODY_RESERVATION_ENABLED") ?? valueOf("JICOFO_RESERVATION_ENABLED"));

    private static bool HasAccessManager(Func<string, string?> valueOf) => valueOf("MESH_ACCESS_MANAGER_URL") is { Length: > 0 };

    private static bool IsOn(string? text) => text is not null && SettingKinds.TryParseSwitch(text, out var on) && on;

    private static bool HasTokens(Func<string, string?> valueOf) => HasLogins(valueOf) && valueOf("AUTH_TYPE")?.ToLowerInvariant() is "jwt" or "oidc" or "hybrid";

    // "ban" and "acl" are too short to be looked for inside of other words ("urban", "oracle").
    private static bool IsAboutRights(string name) => Words.Any(word => name.Contains(word, StringComparison.Ordinal)) || name.Split('_').Any(part => part is "ban" or "acl");

    [GeneratedRegex("[a-z_][a-z0-9_]*")]
    private static partial Regex Identifier();
}
