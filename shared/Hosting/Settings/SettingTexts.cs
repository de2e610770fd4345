using System.Collections;
using System.Globalization;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The texts of the set values, with their origins: surrounding spaces and one pair of quotes are removed, and an empty text counts as unset.</summary>
internal sealed class SettingTexts
{
    private readonly Dictionary<string, (string Text, SettingOrigin Origin)> _texts = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _texts.Keys;

    public IReadOnlyDictionary<string, string> Plain => _texts.ToDictionary(pair => pair.Key, pair => pair.Value.Text, StringComparer.Ordinal);

    public string? Of(string name) => _texts.TryGetValue(name, out var value) ? value.Text : null;

    public SettingOrigin OriginOf(string name) => _texts.TryGetValue(name, out var value) ? value.Origin : default;

    /// <summary>Warnings about unset variables in the <c>.env</c> file.</summary>
    public List<(string Name, string Text)> Blanks { get; } = [];

    public void Set(string name, string? text, SettingOrigin origin)
    {
        var plain = Unquote(text?.Trim() ?? "");
        if (plain.Length > 0) _texts[name] = (plain, origin);
    }

    /// <summary>The process's environment over the file <c>MESH_ENV_FILE</c>, or over <c>.env</c> in the working directory if there is one.</summary>
    /// <exception cref="SettingsException">The file is not there, or a line of it is none.</exception>
    public static SettingTexts OfProcess()
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => e.Value as string, StringComparer.Ordinal);
        var named = environment.GetValueOrDefault(KnownSettings.EnvFile.Name);
        return Of(string.IsNullOrWhiteSpace(named) ? null : named.Trim(), environment);
    }

    /// <param name="path">The file; <c>.env</c> if there is one when null.</param>
    /// <param name="environment">Variables that win over the file.</param>
    /// <exception cref="SettingsException">The file is not there, or a line of it is none.</exception>
    public static SettingTexts Of(string? path, IReadOnlyDictionary<string, string?> environment)
    {
        var texts = new SettingTexts();
        if (ReadFile(path) is { } text) texts.AddFile(path ?? ".env", text, environment);
        foreach (var (name, value) in environment) texts.Set(name, value, new SettingOrigin(SettingSource.Environment));
        return texts;
    }

    private void AddFile(string path, string text, IReadOnlyDictionary<string, string?> environment)
    {
        var file = EnvFile.Read(text, environment.GetValueOrDefault);
        var shown = Path.GetFileName(path);
        if (file.Problem is not null) throw new SettingsException([string.Create(CultureInfo.InvariantCulture, $"{MeshSettings.Shorten(path)}: line {file.BadLine} {file.Problem}")]);
        foreach (var (name, value) in file.Values) Set(name, value.Text, new SettingOrigin(SettingSource.EnvFile, value.Line, shown));
        foreach (var (name, variable, line) in file.Blanks)
        {
            Blanks.Add((name, string.Create(CultureInfo.InvariantCulture, $"{name}: ${variable} in {shown} line {line} is not set and counts as empty; $$ stands for a dollar sign")));
        }
    }

    private static string? ReadFile(string? path)
    {
        if (path is null) return File.Exists(".env") ? File.ReadAllText(".env") : null;
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"{KnownSettings.EnvFile.Name}: there is no file '{MeshSettings.Shorten(path)}' that can be read"]);
        }
    }

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] == text[^1] && (text[0] is '"' or '\'') ? text[1..^1].Trim() : text;
}
