using JitsiMesh.Doctor.Reports;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Doctor.Rules;

/// <summary>Reports the notices of the settings: first those that prevent a start, then those without effect.</summary>
internal static class SettingRules
{
    public const string Name = "settings";

    private const int Named = 12;

    public static IEnumerable<CheckResult> Judge(MeshSettings settings)
    {
        var fatal = settings.Notices.Where(notice => notice.Level == NoticeLevel.Fatal).ToList();
        foreach (var notice in fatal) yield return CheckResult.Failed(Name, notice.Text, "the services do not start with it");
        foreach (var warning in settings.Warnings) yield return CheckResult.Warning(Name, warning);
        if (fatal.Count > 0 || settings.Warnings.Count > 0) yield break;
        var own = settings.Describe();
        yield return CheckResult.Ok(Name, own.Count == 0 ? "all at their defaults" : $"{own.Count} set: {string.Join(", ", own.Keys.Order(StringComparer.Ordinal).Take(Named))}{(own.Count > Named ? ", …" : "")}");
    }
}
