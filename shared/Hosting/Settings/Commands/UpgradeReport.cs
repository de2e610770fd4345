using JitsiMesh.Hosting.Settings.Effects;
using JitsiMesh.Hosting.Settings.Files;

namespace JitsiMesh.Hosting.Settings.Commands;

/// <summary>The meaning of a line of a <c>.env</c> file of any age in this version, the most severe first.</summary>
public enum UpgradeVerdict
{
    /// <summary>The value is invalid: services that need it do not start.</summary>
    BadValue,

    /// <summary>It concerns security and has no effect: services do not start.</summary>
    Stops,

    /// <summary>An older name that is honoured.</summary>
    Renamed,

    /// <summary>A name that is no longer used.</summary>
    Dropped,

    /// <summary>It will take effect with a part that does not exist yet.</summary>
    Later,

    /// <summary>It has no effect.</summary>
    NoEffect,

    /// <summary>A name that no table has.</summary>
    Unknown,

    /// <summary>This version does without it, or does it always.</summary>
    Needless,

    /// <summary>It has its effect.</summary>
    HasEffect,
}

/// <summary>One name of a <c>.env</c> file.</summary>
/// <param name="Name">The name.</param>
/// <param name="Line">The line number.</param>
/// <param name="Verdict">The meaning in this version.</param>
/// <param name="Text">The reason, or the replacement; empty if it has its effect.</param>
public sealed record UpgradeLine(string Name, int Line, UpgradeVerdict Verdict, string Text);

/// <summary>The meaning of a <c>.env</c> file of any age in this version. Uses only the file: no environment, no other file.</summary>
public sealed record UpgradeReport(IReadOnlyList<UpgradeLine> Lines, IReadOnlyList<string> Missing)
{
    /// <summary>Whether some service does not start with it.</summary>
    public bool HasErrors => Lines.Any(line => line.Verdict is UpgradeVerdict.BadValue or UpgradeVerdict.Stops);

    public int Count(UpgradeVerdict verdict) => Lines.Count(line => line.Verdict == verdict);

    /// <param name="text">The file's content.</param>
    /// <exception cref="SettingsException">A line of it is none.</exception>
    public static UpgradeReport Of(string text)
    {
        var file = EnvFile.Read(text);
        if (file.Problem is not null) throw new SettingsException([FormattableString.Invariant($"line {file.BadLine} {file.Problem}")]);
        var settings = MeshSettings.Read(file.Values.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value.Text)));
        var lines = settings.SetNames.Where(file.Values.ContainsKey).Select(name => Judge(settings, name, file.Values[name])).OfType<UpgradeLine>()
            .OrderBy(line => line.Verdict).ThenBy(line => line.Line).ToList();
        var missing = KnownSettings.All.Values.Where(setting => setting.ProvesService && (setting.IsDemanded || setting.ReadBy == "compose") && !settings.IsSet(setting) && settings.RefusalOf(setting) is null)
            .Select(setting => setting.Name).ToList();
        return new UpgradeReport(lines, missing);
    }

    private static UpgradeLine? Judge(MeshSettings settings, string name, EnvFileValue value)
    {
        UpgradeLine Line(UpgradeVerdict verdict, string text = "") => new(name, value.Line, verdict, text);
        var plain = NoticeList.PlainName(name);
        if (!JitsiNames.IsKnown(plain))
        {
            if (NoticeList.IsOfScripts(name) || !NoticeList.IsMeantForUs(name, out _, out var nearest)) return null;
            return Line(UpgradeVerdict.Unknown, nearest is null ? "not a known setting" : $"not a known setting; did you mean {nearest}?");
        }

        var setting = KnownSettings.All.GetValueOrDefault(plain);
        if (setting is not null && settings.RefusalOf(setting) is { } weak) return Line(UpgradeVerdict.BadValue, Reason(weak));
        if (settings.Refusals.FirstOrDefault(refusal => refusal.Name == plain) is { } refusal) return Line(UpgradeVerdict.BadValue, Reason(refusal.Problem));
        if (settings.Notices.FirstOrDefault(notice => notice.Level == NoticeLevel.Fatal && notice.Text.StartsWith(plain + ":", StringComparison.Ordinal)) is { } fatal) return Line(UpgradeVerdict.Stops, Reason(fatal.Text));
        if (setting?.Successor is { } successor) return Line(UpgradeVerdict.Renamed, settings.IsSet(KnownSettings.All[successor]) ? $"{successor}, which is set too and counts" : $"{successor}; still honoured");
        var effect = JitsiNames.EffectOf(plain);
        return effect?.Kind switch
        {
            EffectKind.Later => Line(UpgradeVerdict.Later, effect.Text),
            EffectKind.Dropped => Line(UpgradeVerdict.Dropped, effect.Text),
            EffectKind.NoEffect when effect.When.Holds(value.Text.Trim(), other => settings.TextOf(other)) => Line(UpgradeVerdict.NoEffect, effect.Text),
            EffectKind.NoEffect or EffectKind.Needless => Line(UpgradeVerdict.Needless, effect.Kind == EffectKind.NoEffect ? "as it is here anyway" : effect.Text),

            // Modules without an influence on rights, and security settings that are off.
            EffectKind.Stops when effect.When.NamesModules => Line(UpgradeVerdict.NoEffect, "no modules of Prosody are run, and none of its configuration is read"),
            EffectKind.Stops => Line(UpgradeVerdict.Needless, "as it is here anyway"),
            EffectKind.Partly when !effect.When.IsAllMapped(value.Text, other => settings.TextOf(other)) => Line(UpgradeVerdict.NoEffect, "no modules of Prosody are run, and none of its configuration is read"),
            _ => Line(UpgradeVerdict.HasEffect),
        };
    }

    // The text after the name, which has its own column.
    private static string Reason(string problem) => problem[(problem.IndexOf(": ", StringComparison.Ordinal) + 2)..];
}
