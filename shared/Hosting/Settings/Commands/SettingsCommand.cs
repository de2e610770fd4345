using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings.Commands;

/// <summary>
/// <c>config</c> and <c>upgrade --check</c>, which every host has: what is in force in the place where they run, and what a <c>.env</c> file of any age means.
/// Exit codes: 0 good, 1 something would not start, 2 wrong use.
/// </summary>
public static class SettingsCommand
{
    private const int Good = 0, Errors = 1, WrongUse = 2;

    private static readonly string[] Services = ["signalling", "focus", "media-bridge", "sip-gateway", "recorder", "auth", "edge-proxy", MeshNode.AllInOneName];

    private const string ConfigUse = "usage: config [--json] [--set] [--service NAME] [--get NAME,...]";

    private const string UpgradeUse = "usage: upgrade --check FILE|- [--json]";

    /// <summary>The file that stands for the standard input.</summary>
    private const string StandardInput = "-";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool Handles(IReadOnlyList<string> args) => args is ["config" or "upgrade", ..];

    /// <param name="args">The command and its options.</param>
    /// <param name="serviceName">The service in whose container it runs; for one process all-in-one.</param>
    /// <param name="output">For the answer.</param>
    /// <param name="error">For what is wrong.</param>
    /// <param name="input">What a FILE of <c>-</c> is; the process's standard input when null.</param>
    public static int Run(IReadOnlyList<string> args, string serviceName, TextWriter output, TextWriter error, TextReader? input = null)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        try
        {
            return args[0] == "config" ? Config([.. args.Skip(1)], serviceName, output, error) : Upgrade([.. args.Skip(1)], output, error, input);
        }
        catch (SettingsException refusal)
        {
            foreach (var problem in refusal.Problems) error.WriteLine("FATAL: " + problem);
            return Errors;
        }
    }

    private static int Config(string[] args, string serviceName, TextWriter output, TextWriter error)
    {
        bool json = false, onlySet = false;
        string? get = null;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--set":
                    onlySet = true;
                    break;
                case "--service" when i + 1 < args.Length && Services.Contains(args[i + 1]):
                    serviceName = args[++i];
                    break;
                case "--get" when i + 1 < args.Length:
                    get = args[++i];
                    break;
                default:
                    return Refuse(error, args[i], ConfigUse);
            }
        }

        var settings = MeshSettings.ReadEnvironment();
        if (get is not null) return Get(settings, get, output, error);
        var errors = ErrorsOf(settings, serviceName);
        var values = EffectiveValues.Of(settings).Where(value => !onlySet || value.Origin.Source != SettingSource.Default).ToList();
        if (json)
        {
            output.WriteLine(ToJson(values, errors, settings.NoticesOf(serviceName)).ToJsonString(Indented));
            return errors.Count > 0 ? Errors : Good;
        }

        foreach (var value in values) output.WriteLine($"{value.Setting.Name}={OneLine(value.Text)}  [{value.Origin}]{(value.Setting.Effect is { } effect && value.Setting.HasNoEffectYet ? $"  ({effect.Text})" : "")}");
        foreach (var notice in settings.NoticesOf(serviceName).Where(notice => notice.Level != NoticeLevel.Fatal)) error.WriteLine((notice.Level == NoticeLevel.Warning ? "warning: " : "note: ") + notice.Text);
        foreach (var problem in errors) error.WriteLine("FATAL: " + problem);
        return errors.Count > 0 ? Errors : Good;
    }

    // For scripts: a line for each that is set. Secrets do not leave this way.
    private static int Get(MeshSettings settings, string names, TextWriter output, TextWriter error)
    {
        foreach (var name in SettingKinds.Split(names))
        {
            if (!KnownSettings.All.TryGetValue(name, out var setting)) return Refuse(error, name, ConfigUse);
            if (setting.IsSecret ? settings.IsSet(setting) : settings.TextOf(name) is not null) output.WriteLine($"{name}={(setting.IsSecret ? "***" : OneLine(settings.TextOf(name)!))}");
        }

        return Good;
    }

    /// <summary>What keeps a service from starting: wrong values, security that nothing acts on, and secrets that are missing.</summary>
    public static IReadOnlyList<string> ErrorsOf(MeshSettings settings, string serviceName)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return
        [
            .. settings.Refusals.Where(refusal => refusal.Stops(serviceName)).Select(refusal => refusal.Problem),
            .. settings.NoticesOf(serviceName).Where(notice => notice.Level == NoticeLevel.Fatal).Select(notice => notice.Text),
            .. RequiredSecrets.Of(serviceName).Where(secret => !settings.IsSet(secret)).Select(secret => settings.RefusalOf(secret) ?? $"{secret.Name}: must be set (./gen-passwords.sh writes it into .env)"),
        ];
    }

    private static int Upgrade(string[] args, TextWriter output, TextWriter error, TextReader? input)
    {
        var json = args.Contains("--json");
        var rest = args.Where(arg => arg != "--json").ToArray();
        if (rest is not ["--check", var path]) return Refuse(error, string.Join(' ', rest), UpgradeUse);
        string text;
        try
        {
            text = path == StandardInput ? (input ?? Console.In).ReadToEnd() : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"FATAL: '{path}' is not a file that can be read here; - stands for the standard input, for a file that is outside of this container");
            return Errors;
        }

        var report = UpgradeReport.Of(text);
        if (json) output.WriteLine(ToJson(report).ToJsonString(Indented));
        else Print(report, path == StandardInput ? "standard input" : path, output);
        return report.HasErrors ? Errors : Good;
    }

    private static void Print(UpgradeReport report, string path, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {report.Lines.Count} names are set"));
        foreach (var verdict in Enum.GetValues<UpgradeVerdict>())
        {
            var count = report.Count(verdict);
            if (count == 0) continue;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{Heading(verdict)}: {count}"));
            foreach (var line in report.Lines.Where(line => line.Verdict == verdict))
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  line {line.Line,-4} {line.Name}{(line.Text.Length > 0 ? ": " + line.Text : "")}"));
            }
        }

        if (report.Missing.Count > 0) output.WriteLine($"\nnot in it, and needed by services of their own: {string.Join(", ", report.Missing)} (./gen-passwords.sh makes them)");
        output.WriteLine(report.HasErrors ? "\nIt does not start here as it is: see the first lines." : "\nIt starts here as it is.");
    }

    private static string Heading(UpgradeVerdict verdict) => verdict switch
    {
        UpgradeVerdict.BadValue => "bad value",
        UpgradeVerdict.Stops => "stops the start, since it carries security that this version does not act on",
        UpgradeVerdict.Renamed => "renamed to",
        UpgradeVerdict.Dropped => "dropped",
        UpgradeVerdict.Later => "needs a later part",
        UpgradeVerdict.NoEffect => "no effect",
        UpgradeVerdict.Unknown => "unknown",
        UpgradeVerdict.Needless => "not needed",
        _ => "has effect",
    };

    private static int Refuse(TextWriter error, string what, string use)
    {
        error.WriteLine($"'{what}' is not understood; {use}");
        return WrongUse;
    }

    private static JsonObject ToJson(IEnumerable<EffectiveValue> values, IEnumerable<string> errors, IEnumerable<SettingNotice> notices)
    {
        var told = notices.ToList();
        return new JsonObject
        {
            ["settings"] = new JsonArray([.. values.Select(value => new JsonObject
            {
                ["name"] = value.Setting.Name,
                ["value"] = value.Text,
                ["source"] = value.Origin.Source.ToString().ToLowerInvariant(),
                ["from"] = value.Origin.ToString(),
                ["line"] = value.Origin.Line,
                ["default"] = value.Setting.DefaultText,
                ["secret"] = value.Setting.IsSecret,
                ["readBy"] = value.Setting.ReadBy,
                ["effect"] = value.Setting.HasNoEffectYet ? value.Setting.Effect!.Text : null,
            })]),
            ["errors"] = Texts(errors),
            ["warnings"] = Texts(told.Where(notice => notice.Level == NoticeLevel.Warning).Select(notice => notice.Text)),
            ["notes"] = Texts(told.Where(notice => notice.Level == NoticeLevel.Information).Select(notice => notice.Text)),
        };
    }

    private static JsonObject ToJson(UpgradeReport report) => new()
    {
        ["counts"] = new JsonObject(Enum.GetValues<UpgradeVerdict>().Select(verdict => KeyValuePair.Create(Key(verdict), (JsonNode?)report.Count(verdict)))),
        ["names"] = new JsonArray([.. report.Lines.Select(line => new JsonObject { ["name"] = line.Name, ["line"] = line.Line, ["verdict"] = Key(line.Verdict), ["text"] = line.Text })]),
        ["missing"] = Texts(report.Missing),
        ["starts"] = !report.HasErrors,
    };

    private static string Key(UpgradeVerdict verdict) => JsonNamingPolicy.CamelCase.ConvertName(verdict.ToString());

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static string OneLine(string text) => text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
