namespace JitsiMesh.Hosting.Settings.Commands;

/// <summary>A setting as it is in force.</summary>
/// <param name="Setting">Its declaration.</param>
/// <param name="Text">The value in the form that an operator would write; <c>***</c> for a secret that is set, empty if unset.</param>
/// <param name="Origin">The origin of the value.</param>
public sealed record EffectiveValue(Setting Setting, string Text, SettingOrigin Origin);

/// <summary>The settings in force with their origins, including values derived from other settings.</summary>
public static class EffectiveValues
{
    /// <summary>The value of an unset setting, and the settings that it is derived from; the first of them that is set applies.</summary>
    private static readonly Dictionary<string, (Func<MeshSettings, string> Value, Setting[] From)> Following = new(StringComparer.Ordinal)
    {
        [KnownSettings.XmppAuthDomain.Name] = (s => s.XmppAuthDomain, [KnownSettings.XmppDomain]),
        [KnownSettings.XmppMucDomain.Name] = (s => s.XmppMucDomain, [KnownSettings.XmppDomain]),
        [KnownSettings.XmppInternalMucDomain.Name] = (s => s.XmppInternalMucDomain, [KnownSettings.XmppDomain]),
        [KnownSettings.XmppGuestDomain.Name] = (s => s.XmppGuestDomain, [KnownSettings.XmppDomain]),
        [KnownSettings.XmppHiddenDomain.Name] = (s => s.XmppHiddenDomain, [KnownSettings.XmppRecorderDomain, KnownSettings.XmppDomain]),
        [KnownSettings.JvbAdvertiseIps.Name] = (s => s.TextOf(KnownSettings.DockerHostAddress.Name) ?? "", [KnownSettings.DockerHostAddress]),
        [KnownSettings.ReservationEnabled.Name] = (s => s.Reservations ? "1" : "0", [KnownSettings.JicofoReservationEnabled]),
        [KnownSettings.ReservationUrl.Name] = (s => s.ReservationUrl?.AbsoluteUri ?? "", [KnownSettings.JicofoReservationUrl]),
        [KnownSettings.Moderators.Name] = (s => s.Moderators.ToString().ToLowerInvariant(), [KnownSettings.WaitForHostDisableAutoOwners, KnownSettings.XmppMucModules, KnownSettings.XmppModules, KnownSettings.AuthType, KnownSettings.EnableAuth]),
        [KnownSettings.RoomSize.Name] = (s => s.RoomSize.ToString().ToLowerInvariant(), [KnownSettings.XmppMucModules, KnownSettings.XmppModules]),
        [KnownSettings.JwtEnableDomainVerification.Name] = (s => s.TokensNameTenants ? "1" : "0", [KnownSettings.AuthType]),
        [KnownSettings.DataDirectory.Name] = (s => s.DataDirectory, [KnownSettings.Config]),
        [KnownSettings.AdvertiseHost.Name] = (s => s.AdvertiseHost, [KnownSettings.ListenAddress, KnownSettings.MeshHttpPort, KnownSettings.MeshGrpcPort]),
    };

    /// <summary>All declared settings, by name.</summary>
    public static IEnumerable<EffectiveValue> Of(MeshSettings settings) => KnownSettings.All.Values.OrderBy(setting => setting.Name, StringComparer.Ordinal).Select(setting => Of(settings, setting));

    public static EffectiveValue Of(MeshSettings settings, Setting setting)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(setting);
        if (settings.IsSet(setting)) return new EffectiveValue(setting, setting.IsSecret ? "***" : settings.TextOf(setting.Name) ?? "", settings.OriginOf(setting));
        if (Following.TryGetValue(setting.Name, out var following) && following.From.FirstOrDefault(settings.IsSet) is { } from)
        {
            return new EffectiveValue(setting, following.Value(settings), new SettingOrigin(SettingSource.Derived, Detail: from.Name));
        }

        return new EffectiveValue(setting, setting.DefaultText, default);
    }
}
