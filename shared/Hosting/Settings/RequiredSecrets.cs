using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// What keeps a service from starting although each value by itself may be right: a secret that it needs, and settings that carry security and that nothing acts
/// on. In one process nobody has to prove anything to anybody, and no secret is needed.
/// </summary>
public static class RequiredSecrets
{
    /// <summary>The settings that a service cannot do without, by their declarations.</summary>
    public static IReadOnlyList<Setting> Of(string serviceName) => serviceName == MeshNode.AllInOneName ? []
        : [.. KnownSettings.All.Values.Where(setting => setting.IsDemanded && setting.ReadBy.Split(',', StringSplitOptions.TrimEntries).Contains(serviceName))];

    /// <exception cref="SettingsException">One line for each that is missing or too weak.</exception>
    public static void Demand(string serviceName, MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var problems = Of(serviceName).Where(secret => !settings.IsSet(secret))
            .Select(secret => settings.RefusalOf(secret) ?? $"{secret.Name}: must be set for {serviceName} to run as a service of its own (./gen-passwords.sh writes it into .env)").ToList();
        if (problems.Count > 0) throw new SettingsException(problems);
    }

    /// <exception cref="SettingsException">One line for each setting that would have to be acted on.</exception>
    public static void RefuseWhatIsNotActedOn(string serviceName, MeshSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var problems = settings.NoticesOf(serviceName).Where(notice => notice.Level == NoticeLevel.Fatal).Select(notice => notice.Text).ToList();
        if (problems.Count > 0) throw new SettingsException(problems);
    }
}
