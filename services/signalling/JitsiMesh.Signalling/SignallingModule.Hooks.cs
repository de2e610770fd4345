using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Signalling.Administration;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Reservations;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling;

/// <summary>What operators' own systems decide and do: reservations, administration over HTTP, bans.</summary>
public static partial class SignallingModule
{
    /// <exception cref="SettingsException">A setting lacks another one.</exception>
    private static void AddOperatorHooks(this IServiceCollection services)
    {
        var settings = services.Select(d => d.ImplementationInstance).OfType<MeshSettings>().Single();
        if (ReservationOptions.From(settings) is { } reservations)
        {
            services.AddSingleton(reservations);
            services.AddSingleton<ReservationEnds>();
            services.AddHostedService(provider => provider.GetRequiredService<ReservationEnds>());
            services.AddSingleton<IReservationSystem>(provider => new ReservationApi(
                reservations,
                provider.GetRequiredService<ReservationEnds>(),
                provider.GetRequiredService<SignallingDomains>(),
                provider.GetRequiredService<OwnQueue>(),
                provider.GetRequiredService<RoomDoor>,
                provider.GetRequiredService<SignallingMetrics>(),
                provider.GetRequiredService<MeshClock>(),
                provider.GetRequiredService<ILogger<ReservationApi>>()));
        }

        services.AddSingleton(provider => new MailboxServices(
            provider.GetRequiredService<IMeshStore>(),
            provider.GetRequiredService<Deliverer>(),
            provider.GetRequiredService<MeshClock>(),
            provider.GetRequiredService<SignallingMetrics>(),
            provider.GetRequiredService<ILogger<PartitionMailbox>>())
        { Reservations = provider.GetService<IReservationSystem>(), Events = provider.GetService<IRoomEvents>() });
        services.AddWebhooks(WebhookPlan.Read(settings));

        services.AddSingleton(AdministrationOptions.From(settings));
        services.TryAddSingleton<IOperatorTokens, MeshOperatorTokens>();
        services.AddSingleton<RoomQuestions>();
        services.AddSingleton<RoomSizePages>();
        services.AddSingleton<AdministrationPages>();
        services.AddSingleton<AdministrationRoutes>();
        if (BanCheckOptions.From(settings) is { } bans) services.AddBanCheck(bans);
    }

    private static void AddWebhooks(this IServiceCollection services, WebhookPlan plan)
    {
        services.AddSingleton(plan);
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<IReadOnlyList<WebhookDelivery>>(provider => plan.IsOn ? [.. plan.Receivers.Select(receiver => ActivatorUtilities.CreateInstance<WebhookDelivery>(provider, receiver))] : []);
        if (plan.IsOn) services.AddSingleton<IRoomEvents, WebhookEvents>();
        services.AddSingleton<WebhookPage>();
        services.AddHostedService<WebhookService>();
        services.AddHealthChecks().AddCheck<WebhookHealth>("webhooks");
    }

    /// <summary>Puts the ban check behind the admission.</summary>
    private static void AddBanCheck(this IServiceCollection services, BanCheckOptions options)
    {
        var inner = services.Last(d => d.ServiceType == typeof(IAdmission));
        services.Remove(inner);
        services.AddSingleton(provider => new BanCheck(options, provider.GetRequiredService<MeshClock>(), provider.GetRequiredService<SignallingMetrics>(), provider.GetRequiredService<ILogger<BanCheck>>()));
        services.AddSingleton<IAdmission>(provider => new BanCheckedAdmission(
            (IAdmission)(inner.ImplementationInstance ?? inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)),
            provider.GetRequiredService<BanCheck>()));
    }
}
