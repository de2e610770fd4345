using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Focus.Bridges;
using JitsiMesh.Focus.Conferences;
using JitsiMesh.Focus.Links;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using MassTransit;
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
        var services = builder.Services;
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
        services.AddSingleton<Func<object, CancellationToken, Task>>(provider => provider.GetRequiredService<IBus>().Publish);
        services.AddSingleton<ConferenceServices>();
        services.AddSingleton<FocusPartitions>();
        services.AddHostedService(provider => provider.GetRequiredService<BridgeWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<FocusPartitions>());
        services.AddNodeConsumer<BridgeStatusConsumer>();
        services.AddHealthChecks().AddCheck<BridgesHealthCheck>("bridges");
        return builder;
    }

    public static IEndpointRouteBuilder MapFocus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/stats", (FocusPartitions partitions, BridgeWatch watch, FocusMetrics metrics) => Results.Json(FocusPages.Stats(partitions, watch, metrics))).OnInnerListenersOnly();
        routes.MapGet("/debug/focus", (FocusPartitions partitions, BridgeWatch watch) => Results.Json(FocusPages.Debug(partitions, watch))).OnInnerListenersOnly();
        return routes;
    }

    private static FocusOptions FromSettings(MeshSettings settings)
    {
        var options = new FocusOptions
        {
            XmppDomain = settings.XmppDomain,
            AuthDomain = settings.XmppAuthDomain,
            MucDomain = settings.XmppMucDomain,
            AuthenticationRequired = settings.Get(KnownSettings.EnableAuth),
            Version = InnerPages.Version,
        };
        // Nodes of one mesh share the secret, and with it the key; a process alone makes its own at each start.
        if (settings.Get(KnownSettings.JicofoAuthPassword) is { Length: > 0 } secret)
        {
            options.Tickets = new SessionTickets(HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: "focus session tickets"u8.ToArray()), TimeSpan.FromHours(24));
        }

        options.TrustedDomains.Add(settings.XmppHiddenDomain);
        options.TrustedDomains.Add(settings.XmppAuthDomain);
        return options;
    }
}
