namespace JitsiMesh.Hosting.Settings.Effects;

/// <summary>Finds what to say about names that are set and that nothing acts on, and about names that no table has.</summary>
internal static class NoticeList
{
    // Prefixes under which a name that no table has is most likely a slip, with the service that such names are for. CONFIG, TZ and the like are too short to tell.
    private static readonly (string Prefix, string Service)[] OurPrefixes =
    [
        ("JVB_", "media-bridge"), ("JICOFO_", "focus"), ("JIBRI_", "recorder"), ("JIGASI_", "sip-gateway"), ("PROSODY_", "signalling"), ("XMPP_", "signalling"),
        ("JWT_", "auth"), ("LDAP_", "auth"), ("ENABLE_", Anybody), ("DISABLE_", Anybody), ("MESH_", Anybody), ("LETSENCRYPT_", Anybody),
    ];

    // What the mesh script hands to its own parts.
    private static readonly string[] ScriptPrefixes = ["MESH_ROOT", "MESH_BUILD", "MESH_SCALE", "MESH_CLUSTER_", "MESH_TEST_", "MESH_SUITE_"];

    /// <summary>Every deployment has one of it.</summary>
    internal const string Anybody = "edge-proxy";

    private const int ShortestSlip = 8;

    public static void Add(IReadOnlyDictionary<string, string> texts, List<SettingNotice> notices)
    {
        var said = new List<(NamedEffect Effect, NoticeLevel Level)>();
        foreach (var name in texts.Keys.Order(StringComparer.Ordinal))
        {
            if (ScriptPrefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal))) continue;
            var plain = PlainName(name);
            if (JitsiNames.All.TryGetValue(plain, out var effect))
            {
                AddEffect(effect, texts[name], texts.GetValueOrDefault, said, notices);
            }
            else if (!KnownSettings.All.ContainsKey(plain))
            {
                AddUnknown(name, notices);
            }
        }

        foreach (var group in said.GroupBy(s => (s.Effect.Service, s.Level, s.Effect.Text)))
        {
            var names = string.Join(", ", group.Select(s => s.Effect.Name));
            notices.Add(new SettingNotice(group.Key.Service, group.Key.Level, group.Key.Level == NoticeLevel.Warning
                ? $"{names}: no effect in this version: {group.Key.Text}"
                : $"{names}: not needed: {group.Key.Text}"));
        }
    }

    private static void AddEffect(NamedEffect effect, string value, Func<string, string?> valueOf, List<(NamedEffect Effect, NoticeLevel Level)> said, List<SettingNotice> notices)
    {
        var holds = effect.When.Holds(value, valueOf);
        if (effect.When.NamesModules && !holds && !(effect.Kind == EffectKind.Partly && ProsodyModules.AreMapped(value, valueOf)))
        {
            notices.Add(new SettingNotice(effect.Service, NoticeLevel.Warning, $"{effect.Name}: no effect in this version, which runs no modules of Prosody and reads none of its configuration"));
        }

        if (!holds) return;
        switch (effect.Kind)
        {
            case EffectKind.Stops or EffectKind.Partly:
                var modules = effect.When.NamesModules ? $" ({string.Join(", ", effect.When.Modules(value, valueOf))})" : "";
                notices.Add(new SettingNotice(effect.Service, NoticeLevel.Fatal, $"{effect.Name}: not possible in this version: {effect.Text}{modules}"));
                break;
            case EffectKind.NoEffect:
                said.Add((effect, NoticeLevel.Warning));
                break;
            case EffectKind.Needless:
                said.Add((effect, NoticeLevel.Information));
                break;
        }
    }

    private static void AddUnknown(string name, List<SettingNotice> notices)
    {
        var service = OurPrefixes.FirstOrDefault(p => name.StartsWith(p.Prefix, StringComparison.Ordinal)).Service;
        if (service is null && !IsSlip(name)) return;
        var nearest = NearestName.Find(name, KnownSettings.All.Keys.Concat(JitsiNames.All.Keys));
        notices.Add(new SettingNotice(service ?? Anybody, NoticeLevel.Warning, nearest is null
            ? $"{name}: not a known setting, ignored"
            : $"{name}: not a known setting, ignored; did you mean {nearest}?"));
    }

    /// <summary>The name whose value the file that <c>NAME_FILE</c> names holds.</summary>
    private static string PlainName(string name) =>
        name.EndsWith("_FILE", StringComparison.Ordinal) && !JitsiNames.All.ContainsKey(name)
            && (JitsiNames.All.ContainsKey(name[..^5]) || (KnownSettings.All.TryGetValue(name[..^5], out var twin) && twin.IsSecret)) ? name[..^5] : name;

    // The slip may be in the prefix itself (ENABEL_AUTH). Short names are near too many others of the environment.
    private static bool IsSlip(string name) => name.Length >= ShortestSlip && NearestName.Find(name, KnownSettings.All.Keys, limit: 1) is not null;
}
