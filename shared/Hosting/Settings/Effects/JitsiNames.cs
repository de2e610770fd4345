using System.Diagnostics.CodeAnalysis;

namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>Every name of the Jitsi tables with what it does in this version: the file <c>jitsi-names.txt</c>.</summary>
public static class JitsiNames
{
    private static readonly Lazy<IReadOnlyDictionary<string, NamedEffect>> ByName = new(Read);

    public static IReadOnlyDictionary<string, NamedEffect> All => ByName.Value;

    /// <summary>Whether a declared name is of those on which nothing acts yet.</summary>
    public static bool HasNoEffectYet(string name) => All.TryGetValue(name, out var effect) && effect.Kind is EffectKind.NoEffect or EffectKind.Stops or EffectKind.Later;

    /// <summary>One line of the file; false for one of another form.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out NamedEffect? effect)
    {
        effect = null;
        var parts = line.Split('|', StringSplitOptions.TrimEntries);
        if (parts[0].Length == 0 || parts[0].Any(c => c is not ('_' or (>= 'A' and <= 'Z') or (>= '0' and <= '9')))) return false;
        if (parts.Length == 2 && parts[1] == "acted")
        {
            effect = new NamedEffect(parts[0], EffectKind.Acted, EffectCondition.Never, "", "");
            return true;
        }

        EffectKind? kind = parts.ElementAtOrDefault(1) switch
        {
            "no-effect" => EffectKind.NoEffect,
            "stops" => EffectKind.Stops,
            "partly" => EffectKind.Partly,
            "needless" => EffectKind.Needless,
            "later" => EffectKind.Later,
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
            if (!TryParse(line, out var effect)) throw new InvalidOperationException($"jitsi-names.txt: '{line}' is not NAME | acted, nor NAME | KIND | WHEN | SERVICE | TEXT.");
            effects.Add(effect.Name, effect);
        }

        return effects;
    }
}
