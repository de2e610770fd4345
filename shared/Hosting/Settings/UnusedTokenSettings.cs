using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Tells an operator who configured tokens or a provider that they have no effect. Not reported when logins are explicitly off (ENABLE_AUTH=0).</summary>
internal static class UnusedTokenSettings
{
    private static readonly Setting[] Keys = [KnownSettings.JwtAppId, KnownSettings.JwtAppSecret, KnownSettings.JwtAsapKeyServer, KnownSettings.JwtKeySetUrl];

    public static void Add(MeshSettings settings, List<SettingNotice> notices)
    {
        var enabled = settings.Get(KnownSettings.EnableAuth);
        if (settings.IsSet(KnownSettings.OidcIssuer) && !(enabled && settings.Get(KnownSettings.AuthType) is AuthenticationType.Oidc))
        {
            notices.Add(new SettingNotice("auth", NoticeLevel.Warning, $"{KnownSettings.OidcIssuer.Name}: no effect: people log in by the provider with {KnownSettings.EnableAuth.Name}=1 and {KnownSettings.AuthType.Name}=oidc"));
        }

        if ((enabled && settings.Get(KnownSettings.AuthType) is AuthenticationType.Jwt or AuthenticationType.Oidc or AuthenticationType.Hybrid) || (!enabled && settings.IsSet(KnownSettings.EnableAuth))) return;
        var names = string.Join(", ", Keys.Where(settings.IsSet).Select(setting => setting.Name));
        if (names.Length == 0) return;
        notices.Add(new SettingNotice("auth", NoticeLevel.Warning, $"{names}: no effect: tokens are looked at with {KnownSettings.EnableAuth.Name}=1 and {KnownSettings.AuthType.Name}=jwt{(enabled ? "" : "; everybody is let in as a guest")}"));
    }
}
