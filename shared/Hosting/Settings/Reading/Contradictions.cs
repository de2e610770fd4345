using System.Net;
using JitsiMesh.Hosting.Settings.Effects;

namespace JitsiMesh.Hosting.Settings.Reading;

/// <summary>What two settings say together that neither says alone.</summary>
internal static class Contradictions
{
    public static void Add(MeshSettings settings, List<SettingRefusal> refusals, List<SettingNotice> notices)
    {
        if (settings.Get(KnownSettings.DisableHttps) && settings.Get(KnownSettings.EnableHttpRedirect))
        {
            refusals.Add(new SettingRefusal(KnownSettings.EnableHttpRedirect.Name, KnownSettings.EnableHttpRedirect.ReadBy, "ENABLE_HTTP_REDIRECT: 'on' is not possible with DISABLE_HTTPS=1, since the redirect would lead back to itself"));
        }

        foreach (var setting in new[] { KnownSettings.Bus, KnownSettings.Redis })
        {
            if (!settings.Get(setting).Contains(SettingKinds.SamplePassword, StringComparison.Ordinal)) continue;
            refusals.Add(new SettingRefusal(setting.Name, setting.ReadBy, $"{setting.Name}: its password is the one that samples show (./gen-passwords.sh makes one)"));
        }

        foreach (var old in KnownSettings.All.Values.Where(setting => setting.Successor is not null && settings.IsSet(setting) && settings.IsSet(KnownSettings.All[setting.Successor])))
        {
            notices.Add(new SettingNotice(NoticeList.Anybody, NoticeLevel.Warning, $"{old.Name}: ignored, since its successor {old.Successor} is set too"));
        }

        if (settings.Redis is { } redis && RedisAddress.NamesSeveralWithoutSentinel(redis))
        {
            notices.Add(new SettingNotice(SettingNotice.EveryService, NoticeLevel.Warning, "MESH_REDIS: several addresses without serviceName: no Sentinel is asked which one is the master (docs/high-availability.md)"));
        }

        UnusedTokenSettings.Add(settings, notices);
        AddPort(settings, notices);
        AddUnreachable(settings, notices);
    }

    // In containers the port that the world sees is not the one that is listened on.
    private static void AddPort(MeshSettings settings, List<SettingNotice> notices)
    {
        if (settings.Get(KnownSettings.PublicUrl) is not { } url || settings.Get(KnownSettings.DisableHttps)) return;
        var outer = settings.Get(KnownSettings.PublishedHttpsPort).Port is > 0 and var published ? published : settings.IsSet(KnownSettings.HttpsPort) ? settings.HttpsPort.Port : 0;
        if (outer == 0 || outer == url.Port) return;
        notices.Add(new SettingNotice(NoticeList.Anybody, NoticeLevel.Warning, FormattableString.Invariant($"PUBLIC_URL: its port {url.Port} is not HTTPS_PORT ({outer}), which is right only where something in front passes it on")));
    }

    // Each machine has an address of its own, so that each process says it.
    private static void AddUnreachable(MeshSettings settings, List<SettingNotice> notices)
    {
        if (!IPAddress.IsLoopback(settings.ListenAddress ?? IPAddress.Any) || settings.Get(KnownSettings.MeshHttpPort).Address is not null || settings.Get(KnownSettings.MeshGrpcPort).Address is not null) return;
        if (settings.IsSet(KnownSettings.AdvertiseHost) && !IsLoopbackHost(settings.AdvertiseHost))
        {
            notices.Add(new SettingNotice(SettingNotice.EveryService, NoticeLevel.Warning, $"MESH_ADVERTISE_HOST: other services are sent to {settings.AdvertiseHost}, and inner ports listen on {settings.ListenAddress} alone; set MESH_LISTEN_ADDRESS"));
        }
        else if (settings.Bus?.Nodes.FirstOrDefault(node => !IsLoopbackHost(node.Host)) is { } broker)
        {
            notices.Add(new SettingNotice(SettingNotice.EveryService, NoticeLevel.Warning, $"MESH_BUS: the broker is at {broker.Host}, and inner ports listen on {settings.ListenAddress} alone, where services on other machines do not reach them; set MESH_LISTEN_ADDRESS"));
        }
    }

    private static bool IsLoopbackHost(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
