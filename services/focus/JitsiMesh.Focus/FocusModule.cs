using JitsiMesh.Focus.BridgeSelection;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Links;
using JitsiMesh.Focus.Offers;
using JitsiMesh.Focus.Telemetry;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Jingle;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Focus;

/// <summary>Puts the focus into a host that has the mesh's defaults.</summary>
public static class FocusModule
{
    /// <param name="builder">The host.</param>
    /// <param name="configure">Changes to what the settings say.</param>
    public static IHostApplicationBuilder AddFocus(this IHostApplicationBuilder builder, Action<FocusOptions>? configure = null)
    {
        var services = builder.AddMeshService("focus").Services;
        services.TryAddSingleton(provider =>
        {
            var options = FromSettings(provider.GetRequiredService<MeshSettings>());
            configure?.Invoke(options);
            return options;
        });
        services.AddSingleton<FocusClock>();
        services.AddSingleton<CapsCache>();
        services.AddSingleton<FocusMetrics>();
        services.AddSingleton<BridgeCaller>();
        services.AddSingleton<BridgeWatch>();
        services.AddSingleton<ConferenceServices>();
        services.AddSingleton<SessionTickets>();
        services.AddSingleton<FocusPartitions>();
        services.AddHostedService(provider => provider.GetRequiredService<BridgeWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<FocusPartitions>());
        services.AddNodeConsumer<BridgeStatusConsumer>();
        services.AddNodeConsumer<EndedAccountConsumer>();
        services.AddHealthChecks().AddCheck<BridgesHealthCheck>("bridges");
        return builder;
    }

    public static IEndpointRouteBuilder MapFocus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/stats", (FocusPartitions partitions, BridgeWatch watch, FocusMetrics metrics) => Results.Json(FocusPages.Stats(partitions, watch, metrics))).InnerPage("focus: totals, with the keys of Jicofo's page");
        routes.MapGet("/debug/focus", (FocusPartitions partitions, BridgeWatch watch) => Results.Json(FocusPages.Debug(partitions, watch))).InnerPage("focus: partitions, bridges, conferences and their participants");
        return routes;
    }

    private static OfferOptions Offer(MeshSettings settings)
    {
        var defaults = new OfferOptions();
        var off = new VideoCodec(0, 0);
        return defaults with
        {
            Av1 = settings.Get(KnownSettings.EnableCodecAv1) ? defaults.Av1 : off,
            Vp8 = settings.Get(KnownSettings.EnableCodecVp8) ? defaults.Vp8 : off,
            Vp9 = settings.Get(KnownSettings.EnableCodecVp9) ? defaults.Vp9 : off,
            H264 = settings.Get(KnownSettings.EnableCodecH264) ? defaults.H264 : off,
            RedPayloadType = settings.Get(KnownSettings.EnableCodecOpusRed) ? OfferOptions.DefaultRedPayloadType : 0,
        };
    }

    private static void Logins(MeshSettings settings, FocusOptions options)
    {
        var (enabled, tokens) = (settings.Get(KnownSettings.EnableAuth), settings.Get(KnownSettings.AuthType) is AuthenticationType.Jwt or AuthenticationType.Oidc);
        if (!enabled && settings.IsSet(KnownSettings.JicofoEnableAuth) && settings.Get(KnownSettings.JicofoEnableAuth))
        {
            throw new SettingsException([$"{KnownSettings.JicofoEnableAuth.Name}: a login would be needed to open a room, and {KnownSettings.EnableAuth.Name}=0 lets nobody log in: set both or none"]);
        }

        if (enabled && settings.Get(KnownSettings.JicofoAuthType) is { Length: > 0 } type && type.Equals("jwt", StringComparison.OrdinalIgnoreCase) != tokens)
        {
            throw new SettingsException([$"{KnownSettings.JicofoAuthType.Name}: says another way of logging in than {KnownSettings.AuthType.Name}: unset it"]);
        }

        options.WaitForHost = settings.WaitForHost;
        options.WaitForHostInLobby = settings.WaitForHostInLobby;
        options.AuthenticationRequired = enabled && (settings.Get(KnownSettings.JicofoEnableAuth) || options.WaitForHost);
        options.ExternalAuthentication = tokens;
        if (enabled && settings.Get(KnownSettings.AuthType) is AuthenticationType.Oidc) options.ExternalLogin = $"{settings.PublicUrl}/oidc/login";
        options.LoginLifetime = settings.Get(KnownSettings.JicofoAuthLifetime);
        options.AutoLogin = settings.Get(KnownSettings.EnableAutoLogin);
        options.Moderators = settings.Moderators;
    }

    private static FocusOptions FromSettings(MeshSettings settings)
    {
        var options = new FocusOptions
        {
            XmppDomain = settings.XmppDomain,
            AuthDomain = settings.XmppAuthDomain,
            MucDomain = settings.XmppMucDomain,
            GuestDomain = settings.XmppGuestDomain,
            Version = InnerPages.Version,
            AutoOwner = settings.Get(KnownSettings.EnableAutoOwner),
            InitialTimeout = settings.Get(KnownSettings.JicofoInitialTimeout),
            SingleParticipantTimeout = settings.Get(KnownSettings.JicofoSingleTimeout),
            MaxAudioSenders = settings.Get(KnownSettings.JicofoMaxAudioSenders),
            MaxVideoSenders = settings.Get(KnownSettings.JicofoMaxVideoSenders),
            SourceLimits = new SourceLimits(settings.Get(KnownSettings.MaxSsrcsPerUser), settings.Get(KnownSettings.MaxSsrcGroupsPerUser)),
            StripSimulcast = settings.Get(KnownSettings.JicofoStripSimulcast),
            UseSsrcRewriting = settings.Get(KnownSettings.JicofoSsrcRewriting),
            RestartLimits = new RestartLimits(MaxRequests: settings.Get(KnownSettings.JicofoRestartMax), IntervalSeconds: (int)settings.Get(KnownSettings.JicofoRestartInterval).TotalSeconds),
            RandomDocumentName = settings.Get(KnownSettings.SharedDocumentRandomName),
            Offer = Offer(settings),
            Bridges = new BridgeSelectionOptions
            {
                LocalRegion = settings.Get(KnownSettings.JicofoRegion),
                Pool = settings.Get(KnownSettings.JvbBrewery),
                StressThreshold = settings.Get(KnownSettings.BridgeStressThreshold),
                ParticipantStress = settings.IsSet(KnownSettings.BridgeParticipantStress) ? settings.Get(KnownSettings.BridgeParticipantStress) : null,
                RegionGroups = settings.Get(KnownSettings.BridgeRegionGroups),
            },
        };
        Logins(settings, options);
        options.TrustedDomains.Add(settings.XmppHiddenDomain);
        options.TrustedDomains.Add(settings.XmppAuthDomain);
        foreach (var domain in settings.Get(KnownSettings.JicofoTrustedDomains)) options.TrustedDomains.Add(domain);
        return options;
    }
}
