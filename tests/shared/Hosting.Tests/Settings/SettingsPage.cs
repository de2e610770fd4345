using System.Globalization;
using System.Text;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;
using JitsiMesh.Hosting.Tests.Settings.Tables;

namespace JitsiMesh.Hosting.Tests.Settings;

/// <summary>The text of docs/settings.md: every setting as it is declared, and for logins the test that shows its effect.</summary>
internal static class SettingsPage
{
    public static string Render()
    {
        var text = new StringBuilder();
        text.Append("""
            # Settings

            Made from the declarations in `shared/Hosting/Settings` by `UPDATE_SETTINGS_PAGE=1 dotnet test tests/shared/Hosting.Tests`. Settings are environment variables, or lines of `.env`; an empty value means the default, a secret may come from the file
            that `NAME_FILE` names, and a value of another form ends the start with the name. What does not act yet is told once at the start.

            ## Who may come in

            How they work together stands in [authentication.md](authentication.md). Each acts, and a test shows it.

            | Setting | Default | Value | Meaning | Read by | Effect | Shown by |
            |---|---|---|---|---|---|---|

            """);
        var shown = ShownBy.Tests;
        foreach (var name in shown.Keys)
        {
            var setting = KnownSettings.All[name];
            text.Append(Row(setting)).Append(' ').Append(Effect(setting)).Append(" | ").Append(shown[name].Class).Append(": ").Append(shown[name].Method.Replace('_', ' ')).Append(" |\n");
        }

        var clients = ClientSettings.All.Select(client => client.Setting).ToHashSet();
        Append(text, "Services", KnownSettings.All.Values.Where(setting => !clients.Contains(setting) && !shown.ContainsKey(setting.Name)));
        Append(text, "The web client (config.js)", ClientSettings.All.Select(client => client.Setting).Where(setting => !shown.ContainsKey(setting.Name)));
        AppendTables(text);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string heading, IEnumerable<Setting> settings)
    {
        text.Append("\n## ").Append(heading).Append("\n\n| Setting | Default | Value | Meaning | Read by | Effect |\n|---|---|---|---|---|---|\n");
        foreach (var setting in settings.OrderBy(setting => setting.Name, StringComparer.Ordinal)) text.Append(Row(setting)).Append(' ').Append(Effect(setting)).Append(" |\n");
    }

    private static string Row(Setting setting) =>
        $"| `{setting.Name}` | {(setting.DefaultText.Length > 0 ? $"`{Cell(setting.DefaultText)}`" : "")} | {Cell(setting.Expected)}{(setting.IsSecret ? "; secret" : "")} | {Cell(setting.Description)} | {setting.ReadBy} |";

    private static string Effect(Setting setting) => setting.Effect switch
    {
        null => setting.Successor is { } today ? $"yes, where {today} is unset" : "yes",
        { Kind: EffectKind.Partly } partly => "partly: " + Cell(partly.Text),
        var effect => "no: " + Cell(effect.Text),
    };

    // What each of the years' names does, counted, and the 96 of 2021 one by one.
    private static void AppendTables(StringBuilder text)
    {
        text.Append("""

            ## The names of Jitsi's tables

            `./mesh config` prints what is in force and where each value comes from, `./mesh upgrade --check FILE` what a `.env` of any age means here. "Not needed" is what this version does without or does always; "later" takes effect with
            recording, the telephone, captions, visitors or conferences on several bridges; "dropped" names are Jitsi's own former ones, and the start tells their successors.

            | Names | All | With effect | Not needed | Later | Stop the start | Dropped | No effect | Set by containers |
            |---|---|---|---|---|---|---|---|---|

            """);
        foreach (var (title, names) in new[] { ("2021 (the tables of the first README)", JitsiTables.Seed), ("2026", JitsiTables.Today), ("dropped in between", JitsiTables.Dropped) })
        {
            var counts = TableEffect.Counts(names);
            int Of(string word) => counts.GetValueOrDefault(word);
            text.Append(CultureInfo.InvariantCulture, $"| {title} | {names.Count} | {Of(TableEffect.Yes)} | {Of(TableEffect.NotNeeded)} | {Of(TableEffect.Later)} | {Of(TableEffect.Stops)} | {Of(TableEffect.Dropped)} | {Of(TableEffect.No)} | {Of(TableEffect.OfContainers)} |\n");
        }

        var before = JitsiTables.SeedBefore.Values.GroupBy(word => word, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        text.Append(CultureInfo.InvariantCulture, $"\nThe 96 of 2021 one by one, before (at 718973d: {before["yes"]} yes, {before["partly"]} partly, {before["no"]} no, {before["refused"]} refused) and now:\n\n| # | Name | Before | Now | |\n|---|---|---|---|---|\n");
        foreach (var (index, name) in JitsiTables.Seed.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"| {index + 1} | `{name}` | {JitsiTables.SeedBefore[name]} | {TableEffect.WordOf(name)} | {Cell(TableEffect.SentenceOf(name))} |\n");
        }

        text.Append("\nThe names of 2026 that nothing acts on or that stop the start, and what the start says:\n\n| Name | Now | |\n|---|---|---|\n");
        foreach (var name in JitsiTables.Today.Where(name => TableEffect.WordOf(name) is TableEffect.No or TableEffect.Stops).Order(StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{name}` | {TableEffect.WordOf(name)} | {Cell(TableEffect.SentenceOf(name))} |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
