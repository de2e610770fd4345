using JitsiMesh.Hosting.Settings.Effects;
using JitsiMesh.Hosting.Settings.Reading;

namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// The settings in force: read once, validated as a whole, never changed. Values come from the environment, and from a <c>.env</c> file for names that the environment lacks.
/// An empty value counts as unset.
/// </summary>
public sealed partial class MeshSettings
{
    private readonly Dictionary<string, object> _values;
    private readonly IReadOnlyDictionary<string, string> _texts;
    private readonly Dictionary<string, SettingOrigin> _origins;
    private readonly Dictionary<string, string> _refusedSecrets;

    internal MeshSettings(
        Dictionary<string, object> values, IReadOnlyDictionary<string, string> texts, Dictionary<string, SettingOrigin> origins, Dictionary<string, string> refusedSecrets,
        IReadOnlyList<SettingRefusal> refusals, IReadOnlyList<SettingNotice> notices)
    {
        _values = values;
        _texts = texts;
        _origins = origins;
        _refusedSecrets = refusedSecrets;
        Refusals = refusals;
        Notices = notices;
    }

    /// <summary>Lines for the operator: names without effect, unknown names with the nearest known one, old names beside new ones.</summary>
    public IReadOnlyList<SettingNotice> Notices { get; }

    /// <summary>Invalid values. Each counts as unset, and prevents the start of the services that need it (<see cref="For"/>).</summary>
    public IReadOnlyList<SettingRefusal> Refusals { get; }

    /// <summary>The texts of the warnings among <see cref="Notices"/>.</summary>
    public IReadOnlyList<string> Warnings => [.. Notices.Where(notice => notice.Level == NoticeLevel.Warning).Select(notice => notice.Text)];

    /// <summary>The startup lines of one service; a single process has one service that reports everything.</summary>
    public IEnumerable<SettingNotice> NoticesOf(string serviceName) => Notices.Where(notice => serviceName == MeshNode.AllInOneName || notice.Service == serviceName || notice.Service == SettingNotice.EveryService);

    /// <summary>The given value, or the declaration's default.</summary>
    public T Get<T>(Setting<T> setting) => _values.TryGetValue(setting.Name, out var value) ? (T)value : setting.Default;

    public bool IsSet(Setting setting) => _values.ContainsKey(setting.Name);

    /// <summary>The text given for a name, declared or not; null if unset. For names that a caller interprets itself; never print it.</summary>
    internal string? TextOf(string name) => _texts.GetValueOrDefault(name);

    /// <summary>The names of all that is set, declared or not.</summary>
    internal IEnumerable<string> SetNames => _texts.Keys;

    /// <summary>The origin of a value.</summary>
    public SettingOrigin OriginOf(Setting setting) => IsSet(setting) || Refusals.Any(refusal => refusal.Name == setting.Name) ? _origins[setting.Name] : default;

    /// <summary>Why a given secret is refused, or null: too short, or the one from a sample.</summary>
    internal string? RefusalOf(Setting secret) => _refusedSecrets.GetValueOrDefault(secret.Name);

    /// <summary>Settings from given values only: no environment, no file except those that <c>NAME_FILE</c> names.</summary>
    /// <exception cref="SettingsException">One line for each wrong value.</exception>
    public static MeshSettings From(IEnumerable<KeyValuePair<string, string?>> values)
    {
        var settings = Read(values);
        if (settings.Refusals.Count > 0) throw new SettingsException([.. settings.Refusals.Select(refusal => refusal.Problem)]);
        return settings;
    }

    /// <summary>The same, with invalid values in <see cref="Refusals"/>.</summary>
    public static MeshSettings Read(IEnumerable<KeyValuePair<string, string?>> values)
    {
        var texts = new SettingTexts();
        foreach (var (name, value) in values) texts.Set(name, value, new SettingOrigin(SettingSource.Given));
        return SettingsReader.Read(texts);
    }

    /// <summary>Settings of this process: its environment over the file <c>MESH_ENV_FILE</c>, or over <c>.env</c> in the working directory if there is one.</summary>
    /// <param name="serviceName">The service: values that only other services need count as unset.</param>
    /// <exception cref="SettingsException">One line for each wrong value that the service needs, or the file cannot be read.</exception>
    public static MeshSettings FromEnvironment(string serviceName = MeshNode.AllInOneName) => ReadEnvironment().For(serviceName);

    /// <summary>The same, with invalid values in <see cref="Refusals"/>.</summary>
    /// <exception cref="SettingsException">The file cannot be read.</exception>
    public static MeshSettings ReadEnvironment() => SettingsReader.Read(SettingTexts.OfProcess());

    /// <summary>These settings for one service: an invalid value prevents only the start of services that need it.</summary>
    /// <exception cref="SettingsException">One line for each wrong value that the service needs.</exception>
    public MeshSettings For(string serviceName)
    {
        var problems = Refusals.Where(refusal => refusal.Stops(serviceName)).Select(refusal => refusal.Problem).ToList();
        return problems.Count == 0 ? this : throw new SettingsException(problems);
    }

    /// <summary>The same settings with some values replaced; a null value unsets.</summary>
    public MeshSettings With(IEnumerable<KeyValuePair<string, string?>> changes)
    {
        var values = _texts.ToDictionary(p => p.Key, p => (string?)p.Value, StringComparer.Ordinal);
        foreach (var (name, value) in changes) values[name] = value;
        return From(values);
    }

    /// <summary>All set names with this prefix, known here or not: for libraries with their own variables.</summary>
    public IEnumerable<KeyValuePair<string, string>> TextsOf(string prefix) => _texts.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The settings that differ from their defaults, secrets as <c>***</c>: for the first lines of the log and the debug page.</summary>
    public IReadOnlyDictionary<string, string> Describe() => KnownSettings.All.Values
        .Where(s => _values.ContainsKey(s.Name))
        .ToDictionary(s => s.Name, s => s.IsSecret ? "***" : _texts.GetValueOrDefault(s.Name, ""), StringComparer.Ordinal);

    internal static string Shorten(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= 60 ? line : line[..57] + "...";
    }
}
