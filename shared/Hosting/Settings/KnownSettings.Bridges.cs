using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>How bridges are found and chosen, and what they show.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<string> JvbBrewery = Text("JVB_BREWERY_MUC", "jvbbrewery", "Pool of bridges: a focus chooses from the pool of its own name alone", "media-bridge, focus");
    public static readonly Setting<double> BridgeStressThreshold = Decimal("BRIDGE_STRESS_THRESHOLD", 0.8, 0.01, 100, "From this stress on a bridge is overloaded, and gets new conferences only where all are", "focus");
    public static readonly Setting<double> BridgeParticipantStress = Decimal("BRIDGE_AVG_PARTICIPANT_STRESS", 0.01, 0, 1, "Stress that a newcomer counts for until its bridge reports it; what the bridge says when unset", "focus");
    public static readonly Setting<IReadOnlyList<IReadOnlyList<string>>> BridgeRegionGroups = Groups("JICOFO_BRIDGE_REGION_GROUPS", "Regions that are near each other, as lists in brackets (['us-east', 'us-west'], ['eu']): bridges of the same group come before those of others", "focus");
    public static readonly Setting<bool> ColibriRest = Switch("COLIBRI_REST_ENABLED", true, "0 takes /colibri/stats away from the inner port; health and metrics stay", "media-bridge");
    public static readonly Setting<IReadOnlyList<string>> JvbApis = Words("JVB_ENABLE_APIS", ["none", "rest", "colibri", "xmpp"], "The older name of COLIBRI_REST_ENABLED, read when that is unset: rest or colibri for 1, none for 0", "media-bridge").RenamedTo("COLIBRI_REST_ENABLED");

    private static Setting<IReadOnlyList<IReadOnlyList<string>>> Groups(string name, string description, string readBy) =>
        new(name, TryParseGroups, [], "", "lists of names in brackets, separated by commas", description, readBy);

    private static Setting<IReadOnlyList<string>> Words(string name, IReadOnlyList<string> words, string description, string readBy) =>
        new(name, (string text, [MaybeNullWhen(false)] out IReadOnlyList<string> value) =>
            {
                value = [.. Split(text.ToLowerInvariant())];
                return value.All(words.Contains);
            },
            [], "", "a comma separated list of " + string.Join(", ", words), description, readBy);

    // With or without brackets around them all; with quotes of either kind.
    private static bool TryParseGroups(string text, [MaybeNullWhen(false)] out IReadOnlyList<IReadOnlyList<string>> value)
    {
        value = null;
        var json = text.Replace('\'', '"').Trim();
        if (!json.StartsWith("[[", StringComparison.Ordinal)) json = $"[{json}]";
        try
        {
            value = JsonSerializer.Deserialize<List<List<string>>>(json)!;
            return value.All(group => group is not null && group.All(region => region is not null));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
