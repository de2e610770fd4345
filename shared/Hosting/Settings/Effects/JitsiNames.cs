using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>
/// The names of the Jitsi tables, current and former ones, without a declaration in this version, from <c>jitsi-names.txt</c>. A declared name describes its own effect (<see
/// cref="KnownSettings"/>).
/// </summary>
public static class JitsiNames
{
    private static readonly Lazy<IReadOnlyDictionary<string, NamedEffect>> ByName = new(Read);

    public static IReadOnlyDictionary<string, NamedEffect> All => ByName.Value;

    /// <summary>The notice when a name is set: from its declaration, or from the list; null when it has its effect, or is unknown.</summary>
    public static NamedEffect? EffectOf(string name) => KnownSettings.All.TryGetValue(name, out var setting) ? setting.Effect : All.GetValueOrDefault(name);

    /// <summary>Whether a name is declared or in the list.</summary>
    public static bool IsKnown(string name) => KnownSettings.All.ContainsKey(name) || All.ContainsKey(name);

    /// <summary>One line of the file; false for one of another form.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out NamedEffect? effect)
    {
        effect = null;
        var parts = line.Split('|', StringSplitOptions.TrimEntries);
        if (parts[0].Length == 0 || parts[0].Any(c => c is not ('_' or (>= 'A' and <= 'Z') or (>= '0' and <= '9')))) return false;
        EffectKind? kind = parts.ElementAtOrDefault(1) switch
        {
            "no-effect" => EffectKind.NoEffect,
            "later" => EffectKind.Later,
            "dropped" => EffectKind.Dropped,
            "stops" => EffectKind.Stops,
            "partly" => EffectKind.Partly,
            "needless" => EffectKind.Needless,
            _ => null,
        };
        if (kind is null || parts.Length != 5 || !EffectCondition.TryParse(parts[2], out var when) || parts[3].Length == 0 || parts[4].Length == 0) return false;
        effect = new NamedEffect(parts[0], kind.Value, when, parts[3], parts[4]);
        return true;
    }

    private static Dictionary<string, NamedEffect> Read()
    {
        using var stream = typeof(JitsiNames).Assembly.GetManifestResourceStream("jitsi-names.txt")
            ?? throw new InvalidOperationException("The list of names is missing from the assembly.");
        using var reader = new StreamReader(stream);
        var effects = new Dictionary<string, NamedEffect>(StringComparer.Ordinal);
        foreach (var line in reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#'))
        {
            if (!TryParse(line, out var effect)) throw new InvalidOperationException($"jitsi-names.txt: '{line}' is not NAME | KIND | WHEN | SERVICE | TEXT.");
            effects.Add(effect.Name, effect);
        }

        return effects;
    }
}
