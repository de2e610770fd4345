namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>
/// Builds the notices about names that are set: one warning about all names without effect and all renamed ones, one line about all names that are not needed, and a line for
/// each unknown name or name that prevents the start.
/// </summary>
internal static class NoticeList
{
    // Prefixes under which an unknown name is most likely a typing error, with the service that such names are for. CONFIG, TZ and the like are too short to tell.
    private static readonly (string Prefix, string Service)[] OurPrefixes =
    [
        ("JVB_", "media-bridge"), ("JICOFO_", "focus"), ("JIBRI_", "recorder"), ("JIGASI_", "sip-gateway"), ("PROSODY_", "signalling"), ("XMPP_", "signalling"),
        ("JWT_", "auth"), ("LDAP_", "auth"), ("ENABLE_", Anybody), ("DISABLE_", Anybody), ("MESH_", Anybody), ("LETSENCRYPT_", Anybody),
    ];

    // Names that the mesh script passes to its own parts.
    private static readonly string[] ScriptPrefixes = ["MESH_ROOT", "MESH_BUILD", "MESH_SCALE", "MESH_CLUSTER_", "MESH_TEST_", "MESH_SUITE_"];

    /// <summary>Every deployment has one of it.</summary>
    internal const string Anybody = "edge-proxy";

    private const int ShortestSlip = 8;

    private const string NoModules = "no modules of Prosody are run, and none of its configuration is read";

    public static void Add(IReadOnlyDictionary<string, string> texts, List<SettingNotice> notices)
    {
        var said = new List<(string Name, NoticeLevel Level, string Text)>();
        foreach (var name in texts.Keys.Order(StringComparer.Ordinal))
        {
            if (IsOfScripts(name)) continue;
            var plain = PlainName(name);
            if (!JitsiNames.IsKnown(plain)) AddUnknown(name, notices);
            else if (JitsiNames.EffectOf(plain) is { } effect) AddEffect(effect, texts[name], texts.GetValueOrDefault, said, notices);
        }

        var warned = said.Where(s => s.Level == NoticeLevel.Warning).ToList();
        var renamed = KnownSettings.All.Values.Where(setting => setting.Successor is { } today && texts.ContainsKey(setting.Name) && !texts.ContainsKey(today))
            .Select(setting => $"{setting.Name} is {setting.Successor}").ToList();
        if (warned.Count > 0 || renamed.Count > 0)
        {
            var parts = new List<string>();
            if (warned.Count > 0) parts.Add("no effect in this version: " + Grouped(warned));
            if (renamed.Count > 0) parts.Add("older names, still honoured: today " + string.Join(", ", renamed));
            notices.Add(new SettingNotice(Anybody, NoticeLevel.Warning, "settings with " + string.Join("; ", parts)));
        }

        var needless = said.Where(s => s.Level == NoticeLevel.Information).ToList();
        if (needless.Count > 0) notices.Add(new SettingNotice(Anybody, NoticeLevel.Information, "settings that are not needed: " + Grouped(needless)));
    }

    /// <summary>Whether the scripts behind ./mesh pass a name to each other.</summary>
    public static bool IsOfScripts(string name) => ScriptPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal));

    /// <summary>The name whose value is in the file that <c>NAME_FILE</c> names.</summary>
    public static string PlainName(string name) =>
        name.EndsWith("_FILE", StringComparison.Ordinal) && !JitsiNames.IsKnown(name)
            && (JitsiNames.All.ContainsKey(name[..^5]) || (KnownSettings.All.TryGetValue(name[..^5], out var twin) && twin.IsSecret)) ? name[..^5] : name;

    /// <summary>Whether an unknown name is most likely meant for this server, with the name that was probably meant.</summary>
    public static bool IsMeantForUs(string name, out string service, out string? nearest)
    {
        nearest = null;
        service = OurPrefixes.FirstOrDefault(p => name.StartsWith(p.Prefix, StringComparison.Ordinal)).Service ?? "";
        if (service.Length == 0 && !IsSlip(name)) return false;
        if (service.Length == 0) service = Anybody;
        nearest = NearestName.Find(name, KnownSettings.All.Keys.Concat(JitsiNames.All.Keys));
        return true;
    }

    private static string Grouped(IEnumerable<(string Name, NoticeLevel Level, string Text)> said) =>
        string.Join("; ", said.GroupBy(s => s.Text, StringComparer.Ordinal).Select(group => $"{string.Join(", ", group.Select(s => s.Name))} ({group.Key})"));

    private static void AddEffect(NamedEffect effect, string value, Func<string, string?> valueOf, List<(string Name, NoticeLevel Level, string Text)> said, List<SettingNotice> notices)
    {
        var holds = effect.When.Holds(value, valueOf);
        if (effect.When.NamesModules && !holds && !effect.When.IsAllMapped(value, valueOf)) said.Add((effect.Name, NoticeLevel.Warning, NoModules));
        if (!holds) return;
        switch (effect.Kind)
        {
            case EffectKind.Stops or EffectKind.Partly:
                var modules = effect.When.NamesModules ? $" ({string.Join(", ", effect.When.Modules(value, valueOf))})" : "";
                notices.Add(new SettingNotice(effect.Service, NoticeLevel.Fatal, $"{effect.Name}: not possible in this version: {effect.Text}{modules}"));
                break;
            case EffectKind.NoEffect or EffectKind.Later or EffectKind.Dropped:
                said.Add((effect.Name, NoticeLevel.Warning, effect.Text));
                break;
            case EffectKind.Needless:
                said.Add((effect.Name, NoticeLevel.Information, effect.Text));
                break;
        }
    }

    private static void AddUnknown(string name, List<SettingNotice> notices)
    {
        if (!IsMeantForUs(name, out var service, out var nearest)) return;
        notices.Add(new SettingNotice(service, NoticeLevel.Warning, nearest is null
            ? $"{name}: not a known setting, ignored"
            : $"{name}: not a known setting, ignored; did you mean {nearest}?"));
    }

    // The slip may be in the prefix itself (ENABEL_AUTH). Short names are near too many others of the environment.
    private static bool IsSlip(string name) => name.Length >= ShortestSlip && NearestName.Find(name, KnownSettings.All.Keys, limit: 1) is not null;
}
