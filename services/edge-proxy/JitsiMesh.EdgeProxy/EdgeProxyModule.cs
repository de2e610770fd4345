using System.Net.Security;
using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.EdgeProxy.Certificates;
using JitsiMesh.EdgeProxy.Certificates.Acme;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.EdgeProxy.Routes;
using JitsiMesh.EdgeProxy.Turn;
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

/// <summary>Registers the edge's services: public listeners, pages, and in a cluster the routes to the other services.</summary>
public static class EdgeProxyModule
{
    /// <exception cref="SettingsException">A setting that becomes a header value contains characters that a header must not have.</exception>
    public static IHostApplicationBuilder AddEdgeProxy(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.AddMeshService("edge-proxy").Services;
        var settings = services.Select(d => d.ImplementationInstance).OfType<MeshSettings>().Single();
        foreach (var setting in new[] { KnownSettings.CspHeader, KnownSettings.CorsAllowOrigin, ClientSettings.TextOf("DEPLOYMENTINFO_SHARD") })
        {
            // Kestrel refuses to send such a header, so every request would fail.
            if (settings.Get(setting).AsSpan().ContainsAnyExceptInRange(' ', '~')) throw new SettingsException([$"{setting.Name}: the value is sent as a header, which holds ASCII in one line alone"]);
        }

        var listeners = services.Select(d => d.ImplementationInstance).OfType<MeshListeners>().Single();

        AddCertificates(services, settings);
        services.AddSingleton(new ConnectionLimiter(settings));
        services.AddSingleton(new RequestLimiter(settings));
        services.AddSingleton<HeldRequests>();
        services.AddSingleton<IStartupFilter, EdgePipeline>();
        services.AddSingleton<PublicBase>();
        services.AddSingleton<OutsideServices>();
        services.AddSingleton<WebFolder>();
        services.AddSingleton<CompressedFiles>();
        services.AddSingleton<ConfigScript>();
        services.AddSingleton<ServerSideIncludes>();
        services.AddSingleton<SecurityHeaders>();
        services.AddSingleton<PageRoutes>();
        services.AddSingleton<SignallingPlacement>();
        services.AddSingleton<BridgeDirectory>();
        services.AddNodeConsumer<BridgeReportConsumer>();
        services.AddSingleton<ProxyRoutes>();
        AddTurn(services);
        services.AddHttpForwarder();
        services.AddSingleton(AddListeners(listeners, settings));
        services.Configure<KestrelServerOptions>(options => LimitRequests(options, settings));
        return builder;
    }

    public static IEndpointRouteBuilder MapEdgeProxy(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        routes.ServiceProvider.GetRequiredService<CertificatePage>().Map(routes);
        routes.ServiceProvider.GetRequiredService<PageRoutes>().Map(routes);
        routes.ServiceProvider.GetRequiredService<OutsideServices>().Map(routes);

        // In one process the other modules answer on the same listeners.
        if (!routes.ServiceProvider.GetRequiredService<MeshNode>().InOneProcess) routes.ServiceProvider.GetRequiredService<ProxyRoutes>().Map(routes);
        return routes;
    }

    private static void AddCertificates(IServiceCollection services, MeshSettings settings)
    {
        services.AddSingleton(AcmePlan.Read(settings));
        services.AddSingleton<CertificateMetrics>();
        services.AddSingleton<CertificateProvider>();
        services.AddSingleton<CertificatePage>();
        services.AddSingleton<ChallengeBoard>();
        services.AddSingleton<ChallengePage>();
        services.AddSingleton<AcmeHandshake>();
        services.AddSingleton<CertificateKeeper>();
        services.AddHostedService<CertificateService>();
    }

    private static EdgeListeners AddListeners(MeshListeners listeners, MeshSettings settings)
    {
        var http = listeners.AddPublic(settings.HttpPort, options =>
        {
            options.Protocols = HttpProtocols.Http1;
            Limit(options);
            options.ApplicationServices.GetRequiredService<TurnDemultiplexer>().UsePlain(options);
        });
        if (settings.Get(KnownSettings.DisableHttps)) return new EdgeListeners(http, null);
        var https = listeners.AddPublic(settings.HttpsPort, options =>
        {
            options.Protocols = HttpProtocols.Http1AndHttp2;
            Limit(options);
            var certificates = options.ApplicationServices.GetRequiredService<CertificateProvider>();

            // Loaded or created before the port opens: a folder that cannot be written stops the service here, with its own error line.
            _ = certificates.Current;
            var turn = options.ApplicationServices.GetRequiredService<TurnDemultiplexer>();
            turn.UsePlain(options);
            if (options.ApplicationServices.GetRequiredService<AcmePlan>().CanOrder)
            {
                var authorities = options.ApplicationServices.GetRequiredService<AcmeHandshake>();
                options.Use(next => connection => authorities.RunAsync(connection, next));
            }

            options.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = handshake => ValueTask.FromResult(AcmeHandshake.Options(handshake.Connection) ?? new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificates.Current,
                    ApplicationProtocols = turn.Protocols(),
                    EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
                }),
            });
            turn.UseBehindTls(options);
        });
        return new EdgeListeners(http, https);
    }

    private static void AddTurn(IServiceCollection services)
    {
        services.AddSingleton<BridgePeers>();
        services.AddSingleton<TurnRelay>();
        services.AddSingleton<TurnDemultiplexer>();
        services.AddSingleton<TurnMetrics>();
        services.AddSingleton<TurnService>();
        services.AddHostedService(provider => provider.GetRequiredService<TurnService>());
    }

    private static void LimitRequests(KestrelServerOptions options, MeshSettings settings)
    {
        options.Limits.MaxRequestLineSize = EdgeLimits.RequestLineOctets;
        options.Limits.MaxRequestHeadersTotalSize = EdgeLimits.RequestHeaderOctets;
        options.Limits.MaxRequestHeaderCount = EdgeLimits.RequestHeaders;
        options.Limits.RequestHeadersTimeout = EdgeLimits.HeadersTime;
        options.Limits.KeepAliveTimeout = settings.Get(KnownSettings.KeepAliveTimeout);
        options.Limits.MinRequestBodyDataRate = new MinDataRate(EdgeLimits.SlowestBodyRate, EdgeLimits.SlowBodyGrace);
        options.Limits.Http2.MaxStreamsPerConnection = EdgeLimits.StreamsOfConnection;
    }

    private static void Limit(ListenOptions options)
    {
        var limiter = options.ApplicationServices.GetRequiredService<ConnectionLimiter>();
        options.Use(next => connection => limiter.RunAsync(connection, next));
    }
}
