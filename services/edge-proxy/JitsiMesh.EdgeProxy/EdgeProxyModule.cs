using System.Net.Security;
using JitsiMesh.EdgeProxy.Certificates;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.EdgeProxy.Routes;
using JitsiMesh.EdgeProxy.WebRoot;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.EdgeProxy;

/// <summary>The composition of the edge: public listeners, pages, and in a cluster the routes to the other services.</summary>
public static class EdgeProxyModule
{
    /// <exception cref="SettingsException">Clients are to come by BOSH alone, which nothing answers; a value that is sent as a header cannot be one.</exception>
    public static IHostApplicationBuilder AddEdgeProxy(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.AddMeshService("edge-proxy").Services;
        var settings = services.Select(d => d.ImplementationInstance).OfType<MeshSettings>().Single();
        if (!settings.Get(KnownSettings.EnableXmppWebsocket))
        {
            throw new SettingsException(["ENABLE_XMPP_WEBSOCKET: 'off' is not possible in this version, which has no BOSH: no client could connect; unset it to start"]);
        }

        foreach (var setting in new[] { KnownSettings.CspHeader, KnownSettings.CorsAllowOrigin, ClientSettings.TextOf("DEPLOYMENTINFO_SHARD") })
        {
            // Kestrel refuses to send such a header: every request would fail.
            if (settings.Get(setting).AsSpan().ContainsAnyExceptInRange(' ', '~')) throw new SettingsException([$"{setting.Name}: the value is sent as a header, which holds ASCII in one line alone"]);
        }

        var listeners = services.Select(d => d.ImplementationInstance).OfType<MeshListeners>().Single();

        services.AddSingleton<CertificateProvider>();
        services.AddSingleton(new ConnectionLimiter(settings));
        services.AddSingleton(new RequestLimiter(settings));
        services.AddSingleton<IStartupFilter, EdgePipeline>();
        services.AddSingleton<WebFolder>();
        services.AddSingleton<CompressedFiles>();
        services.AddSingleton<ConfigScript>();
        services.AddSingleton<ServerSideIncludes>();
        services.AddSingleton<SecurityHeaders>();
        services.AddSingleton<PageRoutes>();
        services.AddSingleton<SignallingPlacement>();
        services.AddSingleton<BridgeDirectory>();
        services.AddNodeConsumer<BridgeDirectoryConsumer>();
        services.AddSingleton<ProxyRoutes>();
        services.AddHttpForwarder();
        services.AddSingleton(AddListeners(listeners, settings));
        services.Configure<KestrelServerOptions>(LimitRequests);
        return builder;
    }

    public static IEndpointRouteBuilder MapEdgeProxy(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.ServiceProvider.GetRequiredService<PageRoutes>().Map(routes);

        // In one process the other modules answer on these very listeners.
        if (!routes.ServiceProvider.GetRequiredService<MeshNode>().InOneProcess) routes.ServiceProvider.GetRequiredService<ProxyRoutes>().Map(routes);
        return routes;
    }

    private static EdgeListeners AddListeners(MeshListeners listeners, MeshSettings settings)
    {
        var http = listeners.AddPublic(settings.HttpPort, options =>
        {
            options.Protocols = HttpProtocols.Http1;
            Limit(options);
        });
        if (settings.Get(KnownSettings.DisableHttps)) return new EdgeListeners(http, null);
        var https = listeners.AddPublic(settings.HttpsPort, options =>
        {
            options.Protocols = HttpProtocols.Http1AndHttp2;
            Limit(options);
            var certificates = options.ApplicationServices.GetRequiredService<CertificateProvider>();

            // Loaded or made before the port opens: a folder that cannot be written stops the service here, with a line of its own.
            _ = certificates.Current;
            options.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificates.Current,
                    EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
                }),
            });
        });
        return new EdgeListeners(http, https);
    }

    private static void LimitRequests(KestrelServerOptions options)
    {
        options.Limits.MaxRequestLineSize = EdgeLimits.RequestLineOctets;
        options.Limits.MaxRequestHeadersTotalSize = EdgeLimits.RequestHeaderOctets;
        options.Limits.MaxRequestHeaderCount = EdgeLimits.RequestHeaders;
        options.Limits.RequestHeadersTimeout = EdgeLimits.HeadersTime;
        options.Limits.KeepAliveTimeout = EdgeLimits.IdleTime;
        options.Limits.MinRequestBodyDataRate = new MinDataRate(EdgeLimits.SlowestBodyRate, EdgeLimits.SlowBodyGrace);
        options.Limits.Http2.MaxStreamsPerConnection = EdgeLimits.StreamsOfConnection;
    }

    private static void Limit(ListenOptions options)
    {
        var limiter = options.ApplicationServices.GetRequiredService<ConnectionLimiter>();
        options.Use(next => connection => limiter.RunAsync(connection, next));
    }
}
