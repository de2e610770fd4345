using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Connections;
using JitsiMesh.Hosting.Memory;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Bosh;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Administration;
using JitsiMesh.Signalling.Handover;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Modules.ExternalServices;
using JitsiMesh.Signalling.Outboxes;
using JitsiMesh.Signalling.Reservations;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tcp;
using JitsiMesh.Signalling.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling;

/// <summary>Puts the service together: after <c>AddMeshDefaults</c>, before the host is built.</summary>
public static partial class SignallingModule
{
    public static IHostApplicationBuilder AddSignalling(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.AddMeshService("signalling").Services;
        services.TryAddSingleton(provider => OptionsOf(provider.GetRequiredService<MeshSettings>(), provider.GetRequiredService<RelaySecret>(), provider.GetRequiredService<WebhookPlan>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<SignallingMetrics>();
        services.AddSingleton<MeshClock>();
        services.AddSingleton<SignallingFeatures>();
        services.AddSingleton(provider => provider.GetRequiredService<SignallingFeatures>().Domains);
        services.AddSingleton(provider => provider.GetRequiredService<SignallingFeatures>().CreateRouter(provider.GetRequiredService<IRandomSource>(), NodeTag.Of(provider.GetRequiredService<IStanzaLink>().NodeId)));
        services.AddSingleton(provider => new OwnQueue(LinkQueue.Node("signalling", provider.GetRequiredService<IStanzaLink>().NodeId).Name));
        services.AddSingleton<AddressLimiter>();
        services.AddSingleton<AddressRates>();
        services.AddSingleton<AddressOctets>();
        services.AddSingleton<SessionRegistry>();
        services.AddWorkInProgress(provider => provider.GetRequiredService<SessionRegistry>().Count > 0);
        services.AddSingleton(provider => new Deliverer(provider.GetRequiredService<SessionRegistry>(), provider.GetRequiredService<IStanzaLink>(), provider.GetRequiredService<SignallingMetrics>(), provider.GetRequiredService<ILogger<Deliverer>>())
        {
            IsAllOverLink = provider.GetRequiredService<SignallingOptions>().SessionRecords && provider.GetRequiredService<IMeshStore>().OutlivesProcess,
        });
        services.AddSingleton<Outbox>();
        services.AddSingleton<PartitionOwner>();
        services.AddSingleton<RoomDoor>();
        services.AddSingleton<SessionJournal>();
        services.AddSingleton<SessionAdoption>();
        services.AddSingleton<SessionHandover>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ConnectionServices>(provider) with { Elsewhere = provider.GetRequiredService<SessionAdoption>() });
        services.TryAddSingleton<IAdmission, MeshAdmission>();
        services.AddSingleton<XmppWebSocketEndpoint>();
        services.AddSingleton<BoshSessions>();
        services.AddSingleton<BoshEndpoint>();
        services.AddSingleton<ConferenceRequestEndpoint>();
        services.AddSingleton<DebugEndpoint>();
        AddTcp(services);
        services.AddNodeConsumer<AccountRevokedConsumer>();
        services.AddSingleton<SignallingService>();
        services.AddHostedService(provider => provider.GetRequiredService<SignallingService>());
        services.AddSingleton<IDrainable>(provider => provider.GetRequiredService<SignallingService>());
        services.AddOperatorHooks();
        return builder;
    }

    // Settings and listeners are there before the container is: AddMeshDefaults comes first.
    private static void AddTcp(IServiceCollection services)
    {
        var settings = services.Select(d => d.ImplementationInstance).OfType<MeshSettings>().Single();
        if (settings.XmppTcpPort is not { } port) return;
        services.AddSingleton<StreamCertificate>();
        services.AddSingleton<XmppTcpEndpoint>();
        var index = services.Select(d => d.ImplementationInstance).OfType<MeshListeners>().Single().AddOther(port, options =>
        {
            // Made here, so that a certificate that cannot be used ends the start.
            var endpoint = options.ApplicationServices.GetRequiredService<XmppTcpEndpoint>();
            options.Run(endpoint.HandleAsync);
        });
        services.AddSingleton(new XmppTcpListener(index));
    }

    public static IEndpointRouteBuilder MapSignalling(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var socket = routes.ServiceProvider.GetRequiredService<XmppWebSocketEndpoint>();
        var sockets = routes.CreateApplicationBuilder();
        sockets.Use((context, next) =>
        {
            if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade) context.Features.Set<IHttpUpgradeFeature>(new BatchingUpgrade(upgrade));
            return next(context);
        });
        sockets.UseWebSockets();
        sockets.Run(socket.HandleAsync);
        var pipeline = sockets.Build();
        var request = routes.ServiceProvider.GetRequiredService<ConferenceRequestEndpoint>();
        var bosh = routes.ServiceProvider.GetRequiredService<BoshEndpoint>();
        var hasWebSocket = routes.ServiceProvider.GetRequiredService<MeshSettings>().Get(KnownSettings.EnableXmppWebsocket);
        foreach (var prefix in (string[])["", "/{tenant}"])
        {
            // HTTP/2 carries a WebSocket in a CONNECT (RFC 8441).
            if (hasWebSocket) routes.MapMethods($"{prefix}/xmpp-websocket", [HttpMethods.Get, HttpMethods.Connect], pipeline);
            routes.MapPost($"{prefix}/http-bind", bosh.HandleAsync);
            routes.MapMethods($"{prefix}/http-bind", [HttpMethods.Options], BoshEndpoint.HandleOptions);
            routes.MapGet($"{prefix}/http-bind", BoshEndpoint.HandleGet);
            routes.MapPost($"{prefix}/conference-request/v1", request.HandleAsync);
            routes.MapMethods($"{prefix}/conference-request/v1", [HttpMethods.Options], ConferenceRequestEndpoint.HandleOptions);
            routes.MapGet($"{prefix}/_unlock", Unlock);
        }

        routes.ServiceProvider.GetRequiredService<AdministrationRoutes>().Map(routes);
        var debug = routes.ServiceProvider.GetRequiredService<DebugEndpoint>();
        routes.MapGet("/debug/signalling", (CancellationToken cancellation) => debug.HandleAsync(cancellation)).InnerPage("signalling: sessions, rooms and their occupants");
        var webhooks = routes.ServiceProvider.GetRequiredService<WebhookPage>();
        routes.MapGet("/debug/webhooks", webhooks.Show).InnerPage("signalling: webhooks, how their receivers fare and what waits for them");
        return routes;
    }

    /// <summary>
    /// The clients' keep-alive. No <c>x-jitsi-shard</c>: one that differs from what the client learnt makes it reload, and sessions are not bound to a shard here.
    /// </summary>
    private static Task Unlock(HttpContext context)
    {
        context.Response.Headers.AccessControlAllowOrigin = "*";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static SignallingOptions OptionsOf(MeshSettings settings, RelaySecret relay, WebhookPlan webhooks, ILoggerFactory loggers)
    {
        var options = new SignallingOptions
        {
            Domain = settings.XmppDomain,
            AuthDomain = settings.XmppAuthDomain,
            MucDomain = settings.XmppMucDomain,
            InternalMucDomain = settings.XmppInternalMucDomain,
            GuestDomain = settings.XmppGuestDomain,
            HiddenDomain = settings.XmppHiddenDomain,
            SocketsOfAddress = settings.Get(KnownSettings.MaxConnectionsPerAddress),
            TrustedNetworks = settings.ProxiesOfSignalling,
            Moderators = settings.Moderators,
            TokenDomainVerification = settings.TokensNameTenants,
            MaximumOccupants = settings.Get(KnownSettings.MaxParticipants),
            AvModeration = settings.Get(KnownSettings.EnableAvModeration),
            EndConference = settings.Get(KnownSettings.EnableEndConference),
            Lobby = settings.Get(KnownSettings.EnableLobby),
            BreakoutRooms = settings.Get(ClientSettings.SwitchOf("ENABLE_BREAKOUT_ROOMS")),
            PersistentLobby = settings.PersistentLobby,
            WaitForHostInLobby = settings.WaitForHostInLobby,
            RoomEvents = webhooks.Events,
            SessionRecords = settings.Get(KnownSettings.SessionJournal) && settings.Bus is not null,
        };
        if (ReservationOptions.From(settings) is { } reservations) (options.Reservations, options.ReservationTime) = (true, reservations.LongestTime);
        ExternalServiceSettings.Apply(settings, options);
        ExternalServiceSettings.AddRelay(settings, relay.Value, options);
        if (ExternalServiceSettings.LacksCredentials(options)) LogNoCredentials(loggers.CreateLogger<SignallingService>());
        return options;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "TURN_CREDENTIALS: clients are told of TURN servers, but of no credentials for them; set it, or TURN_USERNAME and TURN_PASSWORD")]
    private static partial void LogNoCredentials(ILogger logger);
}
