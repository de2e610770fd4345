using Grpc.Core;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Links.RabbitMq;
using JitsiMesh.Hosting.Memory;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Store;
using JitsiMesh.Primitives;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting;

/// <summary>What every host has in common.</summary>
public static class MeshDefaults
{
    /// <summary>
    /// Adds settings, bus, store, stanza link, gRPC with the mesh credential, telemetry, health, drain, clock and randomness. Modules are
    /// added after it. What is in the container already (a fake clock, a hub that several nodes share) stays.
    /// </summary>
    /// <param name="serviceName">signalling, focus, media-bridge, sip-gateway, recorder, auth, edge-proxy or all-in-one.</param>
    /// <param name="settings">Those of the environment when null.</param>
    /// <exception cref="SettingsException">A setting that carries security and that this version does not act on, or less memory than the process has already.</exception>
    public static TBuilder AddMeshDefaults<TBuilder>(this TBuilder builder, string serviceName, MeshSettings? settings = null) where TBuilder : IHostApplicationBuilder
    {
        settings ??= MeshSettings.FromEnvironment(serviceName);
        RequiredSecrets.RefuseWhatIsNotActedOn(serviceName, settings);
        var services = builder.Services;
        services.TryAddSingleton<IRandomSource>(SecureRandomSource.Instance);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(provider => MeshNode.Create(serviceName, settings, provider.GetRequiredService<IRandomSource>()));

        builder.AddMeshLogging(serviceName, settings);
        builder.AddMeshTelemetry(serviceName, settings);
        AddListeners(services, serviceName, settings);
        AddStore(services, settings);
        AddLink(services, settings);
        AddBus(services, settings);
        AddConnections(services, settings);

        services.AddHealthChecks().AddCheck<DrainHealthCheck>("drain");
        if (settings.Redis is not null) services.AddHealthChecks().AddCheck<StoreHealth>("store");
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, InnerListenersPolicy>());
        services.AddSingleton<DrainState>();
        services.AddHostedService<DrainService>();
        services.AddHostedService<NodePresence>();
        services.AddHostedService<StartupReport>();
        services.AddHostedService<MemoryReturn>();
        AddMemoryLimit(services, serviceName, settings);
        services.Configure<HostOptions>(o => o.ShutdownTimeout = settings.Get(KnownSettings.DrainTimeout) + TimeSpan.FromSeconds(10));
        return builder;
    }

    /// <summary>Health, metrics and debug pages.</summary>
    public static IEndpointRouteBuilder MapMeshDefaults(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        InnerPages.Map(routes);
        return routes;
    }

    private static void AddMemoryLimit(IServiceCollection services, string serviceName, MeshSettings settings)
    {
        ProcessMemory.Publish();
        if (MemoryLimit.Of(serviceName, settings) is not { } limit || !ProcessMemory.TryHold(limit)) return;
        services.AddSingleton(limit);
        services.AddHostedService<MemoryWatch>();
    }

    private static void AddListeners(IServiceCollection services, string serviceName, MeshSettings settings)
    {
        var listeners = new MeshListeners();
        services.AddSingleton(listeners);
        services.AddSingleton<ListenAddresses>();
        services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            listeners.Apply(options);
        });

        // In one process the inner pages stay on this machine, and gRPC has nobody to serve.
        if (serviceName == MeshNode.AllInOneName)
        {
            listeners.AddInnerHttp(InnerPages.LoopbackPort(settings));
            return;
        }

        listeners.AddInnerHttp(settings.InnerPort(KnownSettings.MeshHttpPort));
        listeners.AddInnerGrpc(settings.InnerPort(KnownSettings.MeshGrpcPort));
    }

    private static void AddStore(IServiceCollection services, MeshSettings settings)
    {
        services.TryAddSingleton<IMeshStore>(provider => settings.Redis is { } redis
            ? new RedisMeshStore(redis, provider.GetRequiredService<ILogger<RedisMeshStore>>())
            : new InMemoryMeshStore(provider.GetRequiredService<TimeProvider>()));
    }

    private static void AddLink(IServiceCollection services, MeshSettings settings)
    {
        if (settings.Bus is { } broker)
        {
            services.TryAddSingleton<IStanzaLink>(provider => new RabbitMqStanzaLink(
                broker, provider.GetRequiredService<MeshNode>().NodeId, provider.GetRequiredService<IMeshStore>(), provider.GetRequiredService<ILogger<RabbitMqStanzaLink>>()));
            return;
        }

        services.TryAddSingleton<InMemoryLinkHub>();
        services.TryAddSingleton<IStanzaLink>(provider => new InMemoryStanzaLink(
            provider.GetRequiredService<InMemoryLinkHub>(), provider.GetRequiredService<MeshNode>().NodeId, provider.GetRequiredService<ILogger<InMemoryStanzaLink>>()));
    }

    private static void AddBus(IServiceCollection services, MeshSettings settings) => services.AddMassTransit(bus =>
    {
        bus.DisableUsageTelemetry();
        if (settings.Bus is { } broker)
        {
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(broker.Nodes[0], host =>
                {
                    host.MaxMessageSize(BusLimits.InboundOctets);
                    if (broker.Nodes.Count > 1) host.UseCluster(cluster => InAnyOrder(broker).ForEach(node => cluster.Node(node.Authority)));
                });
                MeshConsumer.ConfigureAll(rabbit, context);
            });
        }
        else
        {
            bus.UsingInMemory((context, memory) => MeshConsumer.ConfigureAll(memory, context));
        }
    });

    // MassTransit asks them in turn, beginning anew with each connection that it has lost: processes that all began with one node would all be on it.
    private static List<Uri> InAnyOrder(BusAddress broker)
    {
        var nodes = broker.Nodes.ToArray();
        Random.Shared.Shuffle(nodes);
        return [.. nodes];
    }

    private static CallInvoker AuthInvoker(GrpcChannels channels, MeshSettings settings, TimeProvider time) => settings.Get(KnownSettings.AuthAddress) switch
    {
        [var one] => channels.Invoker(one.AbsoluteUri),
        var several => new AlternatingCallInvoker([.. several.Select(address => channels.Invoker(address.AbsoluteUri))], time),
    };

    private static void AddConnections(IServiceCollection services, MeshSettings settings)
    {
        services.AddGrpc(options =>
        {
            options.Interceptors.Add<MeshCredentialServerInterceptor>();
            options.MaxReceiveMessageSize = GrpcLimits.MessageOctets;
            options.MaxSendMessageSize = GrpcLimits.MessageOctets;
        });
        services.AddSingleton<MeshCredential>();
        services.AddSingleton(provider => RelaySecret.Create(settings, provider.GetRequiredService<MeshNode>(), provider.GetRequiredService<IRandomSource>()));
        services.AddSingleton<GrpcChannels>();
        services.AddSingleton<IBridgeConnections, BridgeConnections>();

        // The auth module of this process if there is one, else the auth service.
        services.TryAddSingleton(provider => new Admission.AdmissionClient(provider.GetService<Admission.AdmissionBase>() is { } local
            ? InProcessCallInvoker.Create(binder => Admission.BindService(binder, local))
            : AuthInvoker(provider.GetRequiredService<GrpcChannels>(), settings, provider.GetRequiredService<TimeProvider>())));
    }
}
