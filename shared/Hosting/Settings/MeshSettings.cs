using System.Collections;
using System.Net;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// The settings in force: read once, validated whole, never changed. Values come from the environment, and from a <c>.env</c> file for
/// what the environment does not name. An empty value is an unset one.
/// </summary>
public sealed partial class MeshSettings
{
    private readonly Dictionary<string, object> _values;
    private readonly Dictionary<string, string> _texts;

    private readonly Dictionary<string, string> _refusedSecrets;

    private MeshSettings(Dictionary<string, object> values, Dictionary<string, string> texts, Dictionary<string, string> refusedSecrets, IReadOnlyList<SettingNotice> notices)
    {
        _values = values;
        _texts = texts;
        _refusedSecrets = refusedSecrets;
        Notices = notices;
    }

    /// <summary>Lines for the operator: names that nothing acts on, unknown names with the nearest known one, old names beside new ones.</summary>
    public IReadOnlyList<SettingNotice> Notices { get; }

    /// <summary>The texts of the warnings among <see cref="Notices"/>.</summary>
    public IReadOnlyList<string> Warnings => [.. Notices.Where(notice => notice.Level == NoticeLevel.Warning).Select(notice => notice.Text)];

    /// <summary>What one service says at its start; in one process there is one that says everything.</summary>
    public IEnumerable<SettingNotice> NoticesOf(string serviceName) => Notices.Where(notice => serviceName == MeshNode.AllInOneName || notice.Service == serviceName || notice.Service == SettingNotice.EveryService);

    /// <summary>The value given, or the declaration's default.</summary>
    public T Get<T>(Setting<T> setting) => _values.TryGetValue(setting.Name, out var value) ? (T)value : setting.Default;

    public bool IsSet(Setting setting) => _values.ContainsKey(setting.Name);

    /// <summary>Why a secret that was given is not taken, or null: too short, or the one that samples show.</summary>
    internal string? RefusalOf(Setting<string> secret) => _refusedSecrets.GetValueOrDefault(secret.Name);

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
        var notices = new List<SettingNotice>();
        var refusedSecrets = new Dictionary<string, string>(StringComparer.Ordinal);
        var parsed = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var setting in KnownSettings.All.Values)
        {
            string? problem = null;
            if (!texts.TryGetValue(setting.Name, out var text) && !TryReadSecretFile(setting, texts, out text, out problem) && problem is null) continue;
            if (problem is null)
            {
                if (setting.TryParse(text, out var value))
                {
                    parsed[setting.Name] = value;
                    continue;
                }

                var shown = setting.IsSecret ? FormattableString.Invariant($"the value ({text.Length} characters)") : $"'{Shorten(text)}'";
                var fallback = setting.DefaultText.Length > 0 ? $" (default {setting.DefaultText})" : "";
                problem = $"{setting.Name}: {shown} is not {setting.Expected}{fallback}";
            }

            if (setting.ProvesService)
            {
                // Only a service that needs it must not start (RequiredSecrets); to all others it is unset.
                refusedSecrets[setting.Name] = problem;
                notices.Add(new SettingNotice(setting.ReadBy == "compose" ? NoticeList.Anybody : setting.ReadBy.Split(',')[0], NoticeLevel.Warning, problem + ": ignored where it is not needed"));
            }
            else if (JitsiNames.All.TryGetValue(setting.Name, out var effect) && effect.Kind is EffectKind.NoEffect or EffectKind.Later)
            {
                notices.Add(new SettingNotice(effect.Service, NoticeLevel.Warning, problem + ": ignored, since nothing acts on it in this version"));
            }
            else
            {
                problems.Add(problem);
            }
        }

        if (problems.Count == 0)
        {
            AddContradictions(new MeshSettings(parsed, texts, refusedSecrets, notices), problems, notices);
        }

        if (problems.Count > 0) throw new SettingsException(problems);
        NoticeList.Add(texts, notices);
        return new MeshSettings(parsed, texts, refusedSecrets, notices);
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
                throw new SettingsException([FormattableString.Invariant($"{path}: line {badLine} is not NAME=value (after a closing quote there may be a comment and nothing else)")]);
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

    private static void AddContradictions(MeshSettings settings, List<string> problems, List<SettingNotice> notices)
    {
        if (settings.Get(KnownSettings.DisableHttps) && settings.Get(KnownSettings.EnableHttpRedirect))
        {
            problems.Add("ENABLE_HTTP_REDIRECT: 'on' is not possible with DISABLE_HTTPS=1, since the redirect would lead back to itself");
        }

        foreach (var setting in new[] { KnownSettings.Bus, KnownSettings.Redis })
        {
            if (settings.Get(setting).Contains(SettingKinds.SamplePassword, StringComparison.Ordinal)) problems.Add($"{setting.Name}: its password is the one that samples show (./gen-passwords.sh makes one)");
        }

        AddRename(settings, KnownSettings.DockerHostAddress, KnownSettings.JvbAdvertiseIps, "media-bridge", notices);
        AddRename(settings, KnownSettings.XmppRecorderDomain, KnownSettings.XmppHiddenDomain, "signalling", notices);
        UnusedTokenSettings.Add(settings, notices);
        AddUnreachable(settings, notices);
    }

    // Each machine has an address of its own, so that each process says it.
    private static void AddUnreachable(MeshSettings settings, List<SettingNotice> notices)
    {
        if (!IPAddress.IsLoopback(settings.ListenAddress ?? IPAddress.Any) || settings.Get(KnownSettings.MeshHttpPort).Address is not null || settings.Get(KnownSettings.MeshGrpcPort).Address is not null) return;
        if (settings.IsSet(KnownSettings.AdvertiseHost) && !IsLoopbackHost(settings.AdvertiseHost))
        {
            notices.Add(new SettingNotice(SettingNotice.EveryService, NoticeLevel.Warning, $"MESH_ADVERTISE_HOST: other services are sent to {settings.AdvertiseHost}, and inner ports listen on {settings.ListenAddress} alone; set MESH_LISTEN_ADDRESS"));
        }
        else if (settings.BusUri is { } bus && !IsLoopbackHost(bus.Host))
        {
            notices.Add(new SettingNotice(SettingNotice.EveryService, NoticeLevel.Warning, $"MESH_BUS: the broker is at {bus.Host}, and inner ports listen on {settings.ListenAddress} alone, where services on other machines do not reach them; set MESH_LISTEN_ADDRESS"));
        }
    }

    private static bool IsLoopbackHost(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static void AddRename(MeshSettings settings, Setting old, Setting successor, string service, List<SettingNotice> notices)
    {
        if (!settings.IsSet(old)) return;
        notices.Add(new SettingNotice(service, NoticeLevel.Warning, settings.IsSet(successor)
            ? $"{old.Name}: ignored, since its successor {successor.Name} is set too"
            : $"{old.Name}: still honoured; its name is now {successor.Name}"));
    }

    private static bool TryReadSecretFile(Setting setting, Dictionary<string, string> texts, out string text, out string? problem)
    {
        text = "";
        problem = null;
        if (!setting.IsSecret || !texts.TryGetValue(setting.Name + "_FILE", out var path)) return false;
        try
        {
            text = File.ReadAllText(path).Trim();
            return text.Length > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{setting.Name}_FILE: '{Shorten(path)}' is not a file that can be read";
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
}
