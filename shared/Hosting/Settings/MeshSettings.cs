using System.Collections;

namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// The settings in force: read once, validated whole, never changed. Values come from the environment, and from a <c>.env</c> file for
/// what the environment does not name. An empty value is an unset one.
/// </summary>
public sealed partial class MeshSettings
{
    // Prefixes under which a name that no table has is most likely a slip. CONFIG, TZ and the like are too short to tell.
    private static readonly string[] OurPrefixes =
        ["JVB_", "JICOFO_", "JIBRI_", "JIGASI_", "PROSODY_", "XMPP_", "ENABLE_", "DISABLE_", "MESH_", "JWT_", "LDAP_", "LETSENCRYPT_"];

    // What the mesh script hands to its own parts.
    private static readonly string[] ScriptPrefixes = ["MESH_ROOT", "MESH_BUILD", "MESH_SCALE", "MESH_CLUSTER_", "MESH_TEST_", "MESH_SUITE_"];

    private const int ShortestSlip = 8;

    private static readonly Lazy<HashSet<string>> TableNames = new(ReadTableNames);

    private readonly Dictionary<string, object> _values;
    private readonly Dictionary<string, string> _texts;

    private MeshSettings(Dictionary<string, object> values, Dictionary<string, string> texts, IReadOnlyList<string> warnings)
    {
        _values = values;
        _texts = texts;
        Warnings = warnings;
    }

    /// <summary>Lines for the operator: unknown names with the nearest known one, old names beside new ones.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The value given, or the declaration's default.</summary>
    public T Get<T>(Setting<T> setting) => _values.TryGetValue(setting.Name, out var value) ? (T)value : setting.Default;

    public bool IsSet(Setting setting) => _values.ContainsKey(setting.Name);

    /// <summary>Settings from given values alone: no environment, no file except those that <c>NAME_FILE</c> names.</summary>
    /// <exception cref="SettingsException">One line for each wrong value.</exception>
    public static MeshSettings From(IEnumerable<KeyValuePair<string, string?>> values)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            var text = Unquote(value?.Trim() ?? "");
            if (text.Length > 0) texts[name] = text;
        }

        var problems = new List<string>();
        var warnings = new List<string>();
        var parsed = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var setting in KnownSettings.All.Values)
        {
            if (!texts.TryGetValue(setting.Name, out var text) && !TryReadSecretFile(setting, texts, problems, out text)) continue;
            if (setting.TryParse(text, out var value))
            {
                parsed[setting.Name] = value;
                continue;
            }

            var shown = setting.IsSecret ? FormattableString.Invariant($"the value ({text.Length} characters)") : $"'{Shorten(text)}'";
            var fallback = setting.DefaultText.Length > 0 ? $" (default {setting.DefaultText})" : "";
            problems.Add($"{setting.Name}: {shown} is not {setting.Expected}{fallback}");
        }

        if (problems.Count == 0)
        {
            AddContradictions(new MeshSettings(parsed, texts, warnings), problems, warnings);
        }

        if (problems.Count > 0) throw new SettingsException(problems);
        AddUnknownNames(texts.Keys, warnings);
        return new MeshSettings(parsed, texts, warnings);
    }

    /// <summary>Settings of this process: its environment over the file <c>MESH_ENV_FILE</c>, or over <c>.env</c> in the working directory if there is one.</summary>
    /// <exception cref="SettingsException">One line for each wrong value.</exception>
    public static MeshSettings FromEnvironment()
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => e.Value as string, StringComparer.Ordinal);
        var named = environment.GetValueOrDefault(KnownSettings.EnvFile.Name);
        var path = string.IsNullOrWhiteSpace(named) ? ".env" : named.Trim();
        if (File.Exists(path))
        {
            if (!EnvFile.TryParse(File.ReadAllText(path), out var file, out var badLine))
            {
                throw new SettingsException([FormattableString.Invariant($"{path}: line {badLine} is not NAME=value")]);
            }

            foreach (var (name, value) in file) values[name] = value;
        }
        else if (!string.IsNullOrWhiteSpace(named))
        {
            throw new SettingsException([$"{KnownSettings.EnvFile.Name}: there is no file '{Shorten(path)}'"]);
        }

        foreach (var (name, value) in environment)
        {
            if (!string.IsNullOrWhiteSpace(value) || !values.ContainsKey(name)) values[name] = value;
        }

        return From(values);
    }

    /// <summary>The same settings with some values replaced; a null value unsets.</summary>
    public MeshSettings With(IEnumerable<KeyValuePair<string, string?>> changes)
    {
        var values = _texts.ToDictionary(p => p.Key, p => (string?)p.Value, StringComparer.Ordinal);
        foreach (var (name, value) in changes) values[name] = value;
        return From(values);
    }

    /// <summary>All that is set with names that begin so, known here or not: for libraries that have variables of their own.</summary>
    public IEnumerable<KeyValuePair<string, string>> TextsOf(string prefix) => _texts.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>What is in force and differs from the default, secrets as <c>***</c>: for the log's first lines and the debug page.</summary>
    public IReadOnlyDictionary<string, string> Describe() => KnownSettings.All.Values
        .Where(s => _values.ContainsKey(s.Name))
        .ToDictionary(s => s.Name, s => s.IsSecret ? "***" : _texts.GetValueOrDefault(s.Name, ""), StringComparer.Ordinal);

    private static void AddContradictions(MeshSettings settings, List<string> problems, List<string> warnings)
    {
        if (settings.Get(KnownSettings.DisableHttps) && settings.Get(KnownSettings.EnableHttpRedirect))
        {
            problems.Add("ENABLE_HTTP_REDIRECT: 'on' is not possible with DISABLE_HTTPS=1, since the redirect would lead back to itself");
        }

        AddRename(settings, KnownSettings.DockerHostAddress, KnownSettings.JvbAdvertiseIps, warnings);
        AddRename(settings, KnownSettings.XmppRecorderDomain, KnownSettings.XmppHiddenDomain, warnings);
    }

    private static void AddRename(MeshSettings settings, Setting old, Setting successor, List<string> warnings)
    {
        if (!settings.IsSet(old)) return;
        warnings.Add(settings.IsSet(successor)
            ? $"{old.Name}: ignored, since its successor {successor.Name} is set too"
            : $"{old.Name}: still honoured; its name is now {successor.Name}");
    }

    private static void AddUnknownNames(IEnumerable<string> names, List<string> warnings)
    {
        var idle = new List<string>();
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var plain = name.EndsWith("_FILE", StringComparison.Ordinal) && KnownSettings.All.TryGetValue(name[..^5], out var twin) && twin.IsSecret ? name[..^5] : name;
            if (KnownSettings.All.ContainsKey(plain) || ScriptPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal))) continue;
            if (TableNames.Value.Contains(name))
            {
                idle.Add(name);
            }
            else if (OurPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal)) || IsSlip(name))
            {
                var nearest = NearestName.Find(name, KnownSettings.All.Keys.Concat(TableNames.Value));
                warnings.Add(nearest is null ? $"{name}: not a known setting, ignored" : $"{name}: not a known setting, ignored; did you mean {nearest}?");
            }
        }

        if (idle.Count > 0) warnings.Add("Accepted, but this version does not act on: " + string.Join(", ", idle));
    }

    // The slip may be in the prefix itself (ENABEL_AUTH). Short names are near too many others of the environment.
    private static bool IsSlip(string name) => name.Length >= ShortestSlip && NearestName.Find(name, KnownSettings.All.Keys, limit: 1) is not null;

    private static bool TryReadSecretFile(Setting setting, Dictionary<string, string> texts, List<string> problems, out string text)
    {
        text = "";
        if (!setting.IsSecret || !texts.TryGetValue(setting.Name + "_FILE", out var path)) return false;
        try
        {
            text = File.ReadAllText(path).Trim();
            return text.Length > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{setting.Name}_FILE: '{Shorten(path)}' is not a file that can be read");
            return false;
        }
    }

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] == text[^1] && (text[0] is '"' or '\'') ? text[1..^1].Trim() : text;

    private static string Shorten(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= 60 ? line : line[..57] + "...";
    }

    private static HashSet<string> ReadTableNames()
    {
        using var stream = typeof(MeshSettings).Assembly.GetManifestResourceStream("jitsi-names.txt")
            ?? throw new InvalidOperationException("The list of names is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(l => l[0] != '#').ToHashSet(StringComparer.Ordinal);
    }
}
