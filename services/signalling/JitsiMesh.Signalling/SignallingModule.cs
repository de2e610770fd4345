using JitsiMesh.Contracts.Links;
using JitsiMesh.Hosting.Bus;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Observability;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Modules.ExternalServices;
using JitsiMesh.Signalling.Sessions;
using Microsoft.AspNetCore.Builder;
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
        services.TryAddSingleton(provider => OptionsOf(provider.GetRequiredService<MeshSettings>(), provider.GetRequiredService<ILoggerFactory>()));
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
        services.AddSingleton<Deliverer>();
        services.AddSingleton<MailboxServices>();
        services.AddSingleton<PartitionOwner>();
        services.AddSingleton<RoomDoor>();
        services.AddSingleton<ConnectionServices>();
        services.TryAddSingleton<IAdmission, MeshAdmission>();
        services.AddSingleton<XmppWebSocketEndpoint>();
        services.AddSingleton<ConferenceRequestEndpoint>();
        services.AddSingleton<DebugEndpoint>();
        services.AddNodeConsumer<AccountRevokedConsumer>();
        services.AddHostedService<SignallingService>();
        return builder;
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
        foreach (var prefix in (string[])["", "/{tenant}"])
        {
            routes.MapGet($"{prefix}/xmpp-websocket", pipeline);
            // HTTP/2 carries a WebSocket in a CONNECT (RFC 8441).
            routes.MapMethods($"{prefix}/xmpp-websocket", [HttpMethods.Connect], pipeline);
            routes.MapPost($"{prefix}/conference-request/v1", request.HandleAsync);
            routes.MapMethods($"{prefix}/conference-request/v1", [HttpMethods.Options], ConferenceRequestEndpoint.HandleOptions);
            routes.MapGet($"{prefix}/_unlock", Unlock);
        }

        var debug = routes.ServiceProvider.GetRequiredService<DebugEndpoint>();
        routes.MapGet("/debug/signalling", (CancellationToken cancellation) => debug.HandleAsync(cancellation)).InnerPage("signalling: sessions, rooms and their occupants");
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

    private static SignallingOptions OptionsOf(MeshSettings settings, ILoggerFactory loggers)
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
            TrustedNetworks = settings.Get(KnownSettings.TrustedProxies),
            Moderators = settings.Moderators,
            TokenDomainVerification = settings.Get(KnownSettings.JwtEnableDomainVerification),
            MaximumOccupants = settings.Get(KnownSettings.MaxParticipants),
        };
        ExternalServiceSettings.Apply(settings, options);
        if (ExternalServiceSettings.LacksCredentials(options)) LogNoCredentials(loggers.CreateLogger<SignallingService>());
        return options;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "TURN_CREDENTIALS: clients are told of TURN servers, but of no credentials for them; set it, or TURN_USERNAME and TURN_PASSWORD")]
    private static partial void LogNoCredentials(ILogger logger);
}
