using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Memory;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.MediaBridge.Control;
using JitsiMesh.MediaBridge.Discovery;
using JitsiMesh.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge;

/// <summary>Composes the media bridge into a host.</summary>
public static class MediaBridgeModule
{
    /// <summary>After <see cref="MeshDefaults.AddMeshDefaults"/>. <paramref name="configure"/> sees the options as the settings filled them.</summary>
    public static IHostApplicationBuilder AddMediaBridge(this IHostApplicationBuilder builder, Action<MediaBridgeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.AddMeshService("media-bridge").Services;
        services.AddSingleton(provider =>
        {
            var options = FromSettings(provider.GetRequiredService<MeshSettings>());
            configure?.Invoke(options);
            return options;
        });
        services.AddSingleton(provider => new MediaBridgeRuntime(
            provider.GetRequiredService<MediaBridgeOptions>(),
            provider.GetService<IRandomSource>() ?? SecureRandomSource.Instance,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MediaBridgeRuntime>>()));
        services.AddWorkInProgress(provider => provider.GetRequiredService<MediaBridgeRuntime>().Shard is { EndpointCount: > 0 });
        services.AddSingleton<BridgeHealth>();
        services.AddSingleton<BridgeAddresses>();
        services.AddSingleton<BridgeControlService>();
        services.AddSingleton<ChannelEndpoint>();
        services.AddSingleton<BridgeMetrics>();
        services.AddSingleton<BridgeStatusReporter>();
        services.AddHostedService<MediaBridgeLife>();
        services.AddHostedService(provider => provider.GetRequiredService<BridgeStatusReporter>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IDrainable, BridgeDrain>());
        services.AddHealthChecks().AddCheck<BridgeHealth>("media-bridge");
        return builder;
    }

    /// <exception cref="SettingsException">The UDP port of <c>JVB_PORT</c> cannot be opened.</exception>
    public static IEndpointRouteBuilder MapMediaBridge(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.ServiceProvider.GetRequiredService<MediaBridgeRuntime>().OpenPorts();
        var channel = routes.ServiceProvider.GetRequiredService<ChannelEndpoint>();
        var pipeline = routes.CreateApplicationBuilder().UseWebSockets();
        pipeline.Run(channel.HandleAsync);
        routes.Map("/colibri-ws/{server}/{conference}/{endpoint}", pipeline.Build());

        if (routes.ServiceProvider.GetRequiredService<MeshSettings>() is var settings && settings.BridgeStatistics)
        {
            routes.MapGet("/colibri/stats", async (MediaBridgeRuntime runtime, HttpContext context) =>
            {
                var pending = runtime.Ask((shard, _) => BridgeViews.Statistics(shard, runtime.Load));
                return pending is null ? Results.StatusCode(503) : Results.Bytes(await pending, "application/json");
            }).InnerPage("media-bridge: statistics, with the keys of the JVB's page");
        }

        routes.MapGet("/debug/media-bridge", async (MediaBridgeRuntime runtime, HttpContext context) =>
        {
            var pending = runtime.Ask(BridgeViews.Debug);
            return pending is null ? Results.StatusCode(503) : Results.Bytes(await pending, "application/json");
        }).InnerPage("media-bridge: conferences, endpoints, sources, what each receives");

        DrainPages.Map(routes);

        // In one process focus reaches it without a socket.
        if (!routes.ServiceProvider.GetRequiredService<MeshNode>().InOneProcess) routes.MapGrpcService<BridgeControlService>();
        return routes;
    }

    internal static MediaBridgeOptions FromSettings(MeshSettings settings)
    {
        var port = settings.JvbPort;
        return new MediaBridgeOptions
        {
            BridgeId = settings.Get(KnownSettings.JvbMucNickname) is { Length: > 0 } nickname ? nickname : settings.NodeName,
            Port = port.Port,
            BindAddresses = port.Address is null ? [] : [port.Address],
            AdvertiseAddresses = [.. settings.AdvertisedAddresses.Select(a => new AdvertisedAddress(a.Address, a.Port ?? 0))],
            StunServers = settings.Get(KnownSettings.JvbDisableStun) ? [] : [.. settings.Get(KnownSettings.JvbStunServers).Select(s => new StunServer(s.Host, s.Port))],
            Cloud = settings.Get(KnownSettings.BridgeCloudAddress) is "aws" || !settings.Get(KnownSettings.DisableAwsHarvester) ? CloudKind.Aws : settings.Get(KnownSettings.BridgeCloudAddress) is "gcp" ? CloudKind.Gcp : CloudKind.None,
            TcpPort = settings.Get(KnownSettings.JvbTcpHarvesterDisabled) ? null : settings.Get(KnownSettings.JvbTcpPort),
            TcpMappedPort = settings.Get(KnownSettings.JvbTcpMappedPort),
            UseIPv6 = settings.Get(KnownSettings.EnableIpv6),
            AdvertisePrivateCandidates = settings.Get(KnownSettings.JvbAdvertisePrivateCandidates),
            PublicUrl = settings.Get(KnownSettings.EnableColibriWebsocket) && settings.PublicUrl is { } url ? new Uri(url) : null,
            Pool = settings.Get(KnownSettings.JvbBrewery),
            Region = settings.Get(KnownSettings.JvbRegion),
            AssumedBandwidthLimitBps = settings.Get(KnownSettings.BridgeAssumedBandwidthLimit) * 1000L,
            RequireValidAddress = settings.Get(KnownSettings.BridgeRequireValidAddress),
            RefuseAtStress = settings.Get(KnownSettings.BridgeRefuseAtStress),
            TrustEstimate = settings.Get(KnownSettings.JvbTrustBandwidthEstimate),
            Version = typeof(MediaBridgeModule).Assembly.GetName().Version?.ToString(3) ?? "",
        };
    }
}

/// <summary>Starts the ports and the loop with the host, and makes the bridge reachable to focus in the same process.</summary>
internal sealed class MediaBridgeLife(MediaBridgeRuntime runtime, BridgeMetrics metrics, BridgeControlService control, IBridgeConnections connections, MeshNode node) : IHostedService
{
    private IDisposable? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        runtime.Start();
        metrics.Start();
        if (node.InOneProcess) _registration = connections.Register(runtime.Options.BridgeId, control);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registration?.Dispose();
        runtime.Dispose();
        return Task.CompletedTask;
    }
}

/// <summary>Between the order to stop and the end: no new conferences, and focus gets the time to move people.</summary>
internal sealed class BridgeDrain(MediaBridgeRuntime runtime, MeshNode node, TimeProvider time) : IDrainable
{
    public async ValueTask DrainAsync(CancellationToken cancellation)
    {
        runtime.BeginShutdown();

        // In one process focus ends together with the bridge: nobody could move anyone.
        while (!node.InOneProcess && runtime.Shard?.EndpointCount > 0) await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation);
    }
}
