using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings.Reading;

/// <summary>Makes settings of texts: each value by its declaration, then what two settings say together, then what there is to tell.</summary>
internal static class SettingsReader
{
    public static MeshSettings Read(SettingTexts texts)
    {
        ProsodyConfiguration.Apply(texts);
        var refusals = new List<SettingRefusal>();
        var notices = new List<SettingNotice>();
        var refusedSecrets = new Dictionary<string, string>(StringComparer.Ordinal);
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        var origins = new Dictionary<string, SettingOrigin>(StringComparer.Ordinal);
        foreach (var setting in KnownSettings.All.Values)
        {
            string? problem = null;
            var text = texts.Of(setting.Name);
            origins[setting.Name] = texts.OriginOf(setting.Name);
            if (text is null)
            {
                if (!TryReadSecretFile(setting, texts, out text, out problem) && problem is null) continue;
                origins[setting.Name] = new SettingOrigin(SettingSource.SecretFile, Detail: MeshSettings.Shorten(texts.Of(setting.Name + "_FILE")!));
            }

            if (problem is null)
            {
                if (setting.TryParse(text, out var value))
                {
                    values[setting.Name] = value;
                    continue;
                }

                problem = ProblemOf(setting, text);
            }

            Refuse(setting, problem, refusals, notices, refusedSecrets);
        }

        var plain = texts.Plain;
        var settings = new MeshSettings(values, plain, origins, refusedSecrets, refusals, notices);
        Contradictions.Add(settings, refusals, notices);
        notices.AddRange(texts.Blanks.Where(blank => JitsiNames.IsKnown(blank.Name)).Select(blank => new SettingNotice(NoticeList.Anybody, NoticeLevel.Warning, blank.Text)));
        NoticeList.Add(plain, notices);
        return settings;
    }

    /// <summary>What is wrong with a value: one line, which does not repeat a secret.</summary>
    public static string ProblemOf(Setting setting, string text)
    {
        var shown = setting.IsSecret ? FormattableString.Invariant($"the value ({text.Length} characters)") : $"'{MeshSettings.Shorten(text)}'";
        var fallback = setting.DefaultText.Length > 0 ? $" (default {setting.DefaultText})" : "";
        return $"{setting.Name}: {shown} is not {setting.Expected}{fallback}";
    }

    private static void Refuse(Setting setting, string problem, List<SettingRefusal> refusals, List<SettingNotice> notices, Dictionary<string, string> refusedSecrets)
    {
        if (setting.ProvesService)
        {
            // Only a service that needs it must not start (RequiredSecrets); to all others it is unset.
            refusedSecrets[setting.Name] = problem;
            notices.Add(new SettingNotice(setting.ReadBy == "compose" ? NoticeList.Anybody : setting.ReadBy.Split(',')[0], NoticeLevel.Warning, problem + ": ignored where it is not needed"));
        }
        else if (setting.Effect is { Kind: EffectKind.NoEffect or EffectKind.Later } effect)
        {
            notices.Add(new SettingNotice(effect.Service, NoticeLevel.Warning, problem + ": ignored, since nothing acts on it in this version"));
        }
        else
        {
            refusals.Add(new SettingRefusal(setting.Name, setting.ReadBy, problem));
            if (setting.ReadBy == "compose") notices.Add(new SettingNotice(NoticeList.Anybody, NoticeLevel.Warning, problem + ": compose alone reads it"));
        }
    }

    private static bool TryReadSecretFile(Setting setting, SettingTexts texts, out string text, out string? problem)
    {
        text = "";
        problem = null;
        if (!setting.IsSecret || texts.Of(setting.Name + "_FILE") is not { } path) return false;
        try
        {
            text = File.ReadAllText(path).Trim();
            return text.Length > 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{setting.Name}_FILE: '{MeshSettings.Shorten(path)}' is not a file that can be read";
            return false;
        }
    }
}
