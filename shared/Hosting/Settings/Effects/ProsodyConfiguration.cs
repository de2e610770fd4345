using System.Text.RegularExpressions;

namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>
/// Lines of Prosody's configuration (<c>GLOBAL_CONFIG</c>, <c>XMPP_CONFIGURATION</c>, <c>XMPP_MUC_CONFIGURATION</c>): those for which there is a setting count as
/// that one where it is unset; no other is read. A backslash and an n part lines, as in Jitsi's templates.
/// </summary>
public static partial class ProsodyConfiguration
{
    private static readonly string[] Names = ["GLOBAL_CONFIG", "XMPP_CONFIGURATION", "XMPP_MUC_CONFIGURATION"];

    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["app_id"] = "JWT_APP_ID",
        ["app_secret"] = "JWT_APP_SECRET",
        ["asap_accepted_issuers"] = "JWT_ACCEPTED_ISSUERS",
        ["asap_accepted_audiences"] = "JWT_ACCEPTED_AUDIENCES",
        ["asap_key_server"] = "JWT_ASAP_KEYSERVER",
        ["allow_empty_token"] = "JWT_ALLOW_EMPTY",
        ["enable_domain_verification"] = "JWT_ENABLE_DOMAIN_VERIFICATION",
        ["muc_max_occupants"] = "MAX_PARTICIPANTS",
        ["external_service_secret"] = "TURN_CREDENTIALS",
        ["turncredentials_secret"] = "TURN_CREDENTIALS",
        ["reservations_api_prefix"] = "PROSODY_RESERVATION_REST_BASE_URL",
    };

    /// <summary>The keys for which there is a setting, with it.</summary>
    public static IReadOnlyDictionary<string, string> Known => Settings;

    /// <summary>The text without the lines for which there is a setting.</summary>
    public static string Unknown(string text) => Line().Replace(Lines(text), match => Settings.ContainsKey(match.Groups["key"].Value) ? "" : match.Value);

    /// <summary>Applies the lines whose own setting is unset.</summary>
    internal static void Apply(SettingTexts texts)
    {
        foreach (var name in Names)
        {
            if (texts.Of(name) is not { } text) continue;
            foreach (Match line in Line().Matches(Lines(text)))
            {
                if (Settings.TryGetValue(line.Groups["key"].Value, out var setting) && texts.Of(setting) is null && texts.Of(setting + "_FILE") is null)
                {
                    texts.Set(setting, Value(line.Groups["value"].Value), new SettingOrigin(SettingSource.Derived, Detail: name));
                }
            }
        }
    }

    private static string Lines(string text) => text.Replace("\\n", "\n", StringComparison.Ordinal);

    // A string, a list of strings, a number or a boolean of Lua.
    private static string Value(string lua) => lua[0] == '{' ? string.Join(',', Quoted().Matches(lua).Select(match => match.Value[1..^1])) : lua.Trim('"', '\'');

    [GeneratedRegex("""(?<![\w."'-])(?<key>[a-z_]+)\s*=\s*(?<value>"[^"\n]*"|'[^'\n]*'|\{[^{}]*\}|true\b|false\b|[0-9]+\b)\s*;?""")]
    private static partial Regex Line();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'")]
    private static partial Regex Quoted();
}
