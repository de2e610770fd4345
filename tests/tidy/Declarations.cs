using System.Text.RegularExpressions;

namespace JitsiMesh.Tidy.Tests;

/// <summary>A declared setting, as its source line says it.</summary>
/// <param name="Field">The field of KnownSettings; null for a variable of config.js.</param>
/// <param name="Name">The environment variable.</param>
/// <param name="ReadBy">The services that read it, by its declaration.</param>
/// <param name="IsSecret">Whether its value is one.</param>
/// <param name="InConfigScript">A variable that becomes a key of config.js by its declaration alone.</param>
/// <param name="State">What stands behind the declaration: TakesEffectWith, WithoutEffect, StopsFor, RenamedTo, Demanded or nothing.</param>
/// <param name="IsProof">A secret with which a service proves itself.</param>
internal sealed record Declaration(string? Field, string Name, IReadOnlyList<string> ReadBy, bool IsSecret, bool InConfigScript, string State, bool IsProof = false)
{
    /// <summary>Nothing acts on it in this version.</summary>
    public bool HasNoEffect => State is "TakesEffectWith" or "WithoutEffect";
}

/// <summary>The settings that shared/Hosting declares and the names of the Jitsi tables, read from the sources.</summary>
internal static partial class Declarations
{
    private const string Folder = "shared/Hosting/Settings";

    public static IReadOnlyList<Declaration> All { get; } = [.. Known(), .. OfClient()];

    /// <summary>jitsi-names.txt, the names that nothing declares: name, kind, service.</summary>
    public static IReadOnlyDictionary<string, (string Kind, string Service)> Names { get; } = Repository.Read($"{Folder}/Effects/jitsi-names.txt").Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(parts => parts[0], parts => (parts[1], parts.ElementAtOrDefault(3) ?? ""), StringComparer.Ordinal);

    private static IEnumerable<Declaration> Known()
    {
        foreach (var file in Repository.Files(Folder, "KnownSettings*.cs"))
        {
            foreach (Match match in KnownSetting().Matches(File.ReadAllText(file)))
            {
                var texts = Quoted().Matches(match.Groups["rest"].Value).Select(m => m.Groups[1].Value).ToList();
                yield return new Declaration(match.Groups["field"].Value, texts[0], texts[^1].Split(',', StringSplitOptions.TrimEntries), match.Groups["kind"].Value.StartsWith("Secret", StringComparison.Ordinal), false, match.Groups["state"].Value, match.Groups["kind"].Value == "Secret");
            }
        }
    }

    private static IEnumerable<Declaration> OfClient()
    {
        foreach (Match match in ClientSetting().Matches(Repository.Read($"{Folder}/ClientSettings.cs")))
        {
            // Parts and those "Elsewhere" take part in other keys: code must name them.
            var alone = match.Groups["kind"].Value != "Part" && !match.Value.Contains("Elsewhere", StringComparison.Ordinal);
            yield return new Declaration(null, match.Groups["name"].Value, ["edge-proxy"], false, alone, match.Groups["state"].Value);
        }
    }

    [GeneratedRegex(@"public static readonly Setting<.*> (?<field>\w+) = (?<kind>\w+)(<\w+>)?\((?<rest>.*?)\)(?:\.(?<state>Demanded|RenamedTo|TakesEffectWith|WithoutEffect|StopsFor)\(.*\))?;$", RegexOptions.Multiline)]
    private static partial Regex KnownSetting();

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^        (?<kind>Switch|Inverted|Number|Text|Default|Part|List|Servers|Json)\(""(?<name>[A-Z0-9_]+)"".*?\)(?:\.(?<state>TakesEffectWith|WithoutEffect|RenamedTo)\(.*\))?,$", RegexOptions.Multiline)]
    private static partial Regex ClientSetting();
}
