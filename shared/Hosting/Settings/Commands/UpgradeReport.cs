using JitsiMesh.Hosting.Settings.Effects;
using JitsiMesh.Hosting.Settings.Files;

namespace JitsiMesh.Hosting.Settings.Commands;

/// <summary>What a line of a <c>.env</c> file of any age means here, the gravest first.</summary>
public enum UpgradeVerdict
{
    /// <summary>The value is not one that is taken: what needs it does not start.</summary>
    BadValue,

    /// <summary>It carries security, and nothing acts on it: the start ends.</summary>
    Stops,

    /// <summary>An older name that is honoured.</summary>
    Renamed,

    /// <summary>A name that nothing has any more.</summary>
    Dropped,

    /// <summary>It takes effect with a part that is not built yet.</summary>
    Later,

    /// <summary>Nothing acts on it.</summary>
    NoEffect,

    /// <summary>A name that no table has.</summary>
    Unknown,

    /// <summary>This version does without it, or does it always.</summary>
    Needless,

    /// <summary>It does what it says.</summary>
    HasEffect,
}

/// <summary>One name of a <c>.env</c> file.</summary>
/// <param name="Name">The name.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Verdict">What it means here.</param>
/// <param name="Text">Why, or what takes its place; empty where it has effect.</param>
public sealed record UpgradeLine(string Name, int Line, UpgradeVerdict Verdict, string Text);

/// <summary>What a <c>.env</c> file of any age means here. Nothing but the file counts: no environment, no other file.</summary>
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

            // Of modules that decide about nothing, and of security settings that are off.
            EffectKind.Stops when effect.When.NamesModules => Line(UpgradeVerdict.NoEffect, "no modules of Prosody are run, and none of its configuration is read"),
            EffectKind.Stops => Line(UpgradeVerdict.Needless, "as it is here anyway"),
            EffectKind.Partly when !effect.When.IsAllMapped(value.Text, other => settings.TextOf(other)) => Line(UpgradeVerdict.NoEffect, "no modules of Prosody are run, and none of its configuration is read"),
            _ => Line(UpgradeVerdict.HasEffect),
        };
    }

    // What stands behind the name, which has a column of its own.
    private static string Reason(string problem) => problem[(problem.IndexOf(": ", StringComparison.Ordinal) + 2)..];
}
