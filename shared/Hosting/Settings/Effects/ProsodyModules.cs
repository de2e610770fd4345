using System.Text.RegularExpressions;

namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>
/// Which names in a list of Prosody's modules, or in lines of its configuration, decide about rights. There are hundreds of modules, official, of the
/// community and of operators' own, so that they are known by the words in their names. What this version does itself is none of them.
/// </summary>
public static partial class ProsodyModules
{
    // Signalling has a lobby, resource validation, moderation and the ends of meetings of its own, always on.
    private static readonly HashSet<string> BuiltIn = new(StringComparer.Ordinal)
    {
        "muc_lobby_rooms", "av_moderation", "av_moderation_component", "muc_resource_validate", "muc_end_meeting", "end_conference", "muc_max_occupants",
    };

    private static readonly string[] Words =
    [
        "token", "jwt", "auth", "login", "lobby", "password", "passwd", "owner", "moderat", "admin", "affiliation", "whitelist", "blacklist", "blocklist",
        "allowlist", "allow_", "deny", "ban", "block", "kick", "restrict", "limit", "access", "filter", "wait_for_host", "secur", "encrypt", "verif", "validate", "permission",
        "reservation", "frozen", "firewall", "acl", "guest", "anonymous", "hide", "hidden", "private", "members", "occupants", "host_guard", "muc_domain_guard", "tls", "certificate",
    ];

    /// <summary>The names in a text that decide about rights, each once, in order.</summary>
    public static IReadOnlyList<string> Named(string text) =>
        [.. Identifier().Matches(text.ToLowerInvariant()).Select(match => match.Value.StartsWith("mod_", StringComparison.Ordinal) ? match.Value[4..] : match.Value)
            .Where(name => !BuiltIn.Contains(name) && Words.Any(word => name.Contains(word, StringComparison.Ordinal))).Distinct(StringComparer.Ordinal)];

    [GeneratedRegex("[a-z_][a-z0-9_]*")]
    private static partial Regex Identifier();
}
