using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Tests.Settings.Tables;

/// <summary>The effect of a name of Jitsi's tables here, in one word and in one sentence.</summary>
internal static class TableEffect
{
    public const string Yes = "yes", Later = "later", NotNeeded = "not needed", Stops = "stops", No = "no", Dropped = "dropped", OfContainers = "set by containers";

    public static string WordOf(string name)
    {
        if (JitsiTables.OfContainers.Contains(name)) return OfContainers;
        return JitsiNames.EffectOf(name)?.Kind switch
        {
            null => KnownSettings.All.ContainsKey(name) ? Yes : throw new InvalidOperationException($"{name} is not known."),
            EffectKind.Partly => Yes,
            EffectKind.Later => Later,
            EffectKind.Needless => NotNeeded,
            EffectKind.Stops => Stops,
            EffectKind.Dropped => Dropped,
            _ => No,
        };
    }

    public static string SentenceOf(string name) => WordOf(name) switch
    {
        OfContainers => "",
        Yes when !KnownSettings.All.ContainsKey(name) => "lines for which there is a setting count as that one: " + string.Join(", ", ProsodyConfiguration.Known.Keys),
        Yes when KnownSettings.All[name] is { Successor: { } today } => $"read where {today} is unset",
        Yes => KnownSettings.All[name].Description,
        _ => JitsiNames.EffectOf(name)!.Text,
    };

    public static IReadOnlyDictionary<string, int> Counts(IEnumerable<string> names) => names.GroupBy(WordOf, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
}
