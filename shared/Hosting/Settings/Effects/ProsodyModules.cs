using System.Text.RegularExpressions;

namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>
/// Which names in a list of Prosody's modules, or in lines of its configuration, decide about rights. There are hundreds of modules, official, of the
/// community and of operators' own, so that they are known by the words in their names. What this version does itself is none of them.
/// </summary>
public static partial class ProsodyModules
{
    // Signalling has a lobby, resource validation, moderation and the ends of meetings of its own, always on. The options about the ways in are in many
    // deployments' configuration and say nothing about people's rights: there is TLS at the edge alone, no link between servers, and no password to protect.
    private static readonly HashSet<string> BuiltIn = new(StringComparer.Ordinal)
    {
        "muc_lobby_rooms", "av_moderation", "av_moderation_component", "muc_resource_validate", "muc_end_meeting", "end_conference", "muc_max_occupants",
        "consider_websocket_secure", "consider_bosh_secure", "c2s_require_encryption", "s2s_require_encryption", "allow_unencrypted_plain_auth",
        "cross_domain_websocket", "cross_domain_bosh",
    };

    private static readonly string[] Words =
    [
        "token", "jwt", "auth", "login", "lobby", "password", "passwd", "owner", "moderat", "admin", "affiliation", "whitelist", "blacklist", "blocklist",
        "allowlist", "allow_", "deny", "block", "kick", "restrict", "limit", "access", "filter", "wait_for_host", "secur", "encrypt", "verif", "validate", "permission",
        "reservation", "frozen", "firewall", "guest", "anonymous", "hide", "hidden", "private", "members", "occupants", "host_guard", "muc_domain_guard", "tls", "certificate",
    ];

    /// <summary>The names in a text that decide about rights, each once, in order. A backslash and an n part lines, as in Jitsi's templates.</summary>
    public static IReadOnlyList<string> Named(string text) =>
        [.. Identifier().Matches(text.Replace("\\n", "\n", StringComparison.Ordinal).ToLowerInvariant()).Select(match => match.Value.StartsWith("mod_", StringComparison.Ordinal) ? match.Value[4..] : match.Value)
            .Where(name => !BuiltIn.Contains(name) && IsAboutRights(name)).Distinct(StringComparer.Ordinal)];

    // "ban" and "acl" are too short to be looked for inside of other words ("urban", "oracle").
    private static bool IsAboutRights(string name) => Words.Any(word => name.Contains(word, StringComparison.Ordinal)) || name.Split('_').Any(part => part is "ban" or "acl");

    [GeneratedRegex("[a-z_][a-z0-9_]*")]
    private static partial Regex Identifier();
}
