namespace JitsiMesh.Hosting.Settings;

/// <summary>
/// Which secrets a service needs when it runs as a process of its own. In one process nobody has to prove anything to anybody, and none is needed.
/// </summary>
public static class RequiredSecrets
{
    private static readonly Dictionary<string, Setting<string>[]> ByService = new(StringComparer.Ordinal)
    {
        ["signalling"] = [KnownSettings.JicofoAuthPassword, KnownSettings.JvbAuthPassword],
        ["focus"] = [KnownSettings.JicofoAuthPassword],
        ["auth"] = [KnownSettings.JicofoAuthPassword],
        ["media-bridge"] = [KnownSettings.JvbAuthPassword],
        ["sip-gateway"] = [KnownSettings.JigasiXmppPassword],
        ["recorder"] = [KnownSettings.JibriXmppPassword, KnownSettings.JibriRecorderPassword],
    };

    public static IReadOnlyList<Setting<string>> Of(string serviceName) => ByService.GetValueOrDefault(serviceName, []);

    /// <exception cref="SettingsException">One line for each that is missing.</exception>
    public static void Demand(string serviceName, MeshSettings settings)
    {
        var missing = Of(serviceName).Where(s => !settings.IsSet(s))
            .Select(s => $"{s.Name}: must be set for {serviceName} to run as a service of its own (./gen-passwords.sh writes it into .env)").ToList();
        if (missing.Count > 0) throw new SettingsException(missing);
    }
}
