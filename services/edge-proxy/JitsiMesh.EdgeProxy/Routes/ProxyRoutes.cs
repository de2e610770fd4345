using System.Diagnostics;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>Forwards requests to other services: a signalling request to the node of its room, the WebSocket of a bridge channel to the bridge that the path names.</summary>
internal sealed partial class ProxyRoutes(IHttpForwarder forwarder, SignallingPlacement placement, BridgeDirectory bridges, MeshSettings settings, ILogger<ProxyRoutes> logger) : IDisposable
{
    /// <summary>How long a forwarded connection may be silent in both directions. Clients ping every 10 s.</summary>
    private static readonly ForwarderRequestConfig ForwarderConfig = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };

    private const string WebSocket = "/xmpp-websocket", Bosh = "/http-bind", ConferenceRequest = "/conference-request/v1";

    /// <summary>Nodes that one request is offered to when they refuse the connection.</summary>
    private const int NodesTried = 3;

    private static readonly ActivitySource Source = new("JitsiMesh.EdgeProxy");

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(3),
    });

    public void Map(IEndpointRouteBuilder routes)
    {
        string[] doors = settings.Get(KnownSettings.EnableXmppWebsocket) ? [WebSocket, Bosh, ConferenceRequest, "/_unlock"] : [Bosh, ConferenceRequest, "/_unlock"];
        foreach (var path in doors)
        {
            routes.Map(path, context => ToSignallingAsync(context, path, ""));
            routes.Map("/{tenant}" + path, context => ToSignallingAsync(context, path, context.Request.RouteValues["tenant"] as string ?? ""));
        }

        routes.Map("/colibri-ws/{bridge}/{**rest}", ToBridgeAsync);
        if (settings.Get(KnownSettings.RoomSizePublic)) routes.MapGet("/room-size", ToRoomsAsync);
        if (settings.Get(KnownSettings.AdministrationPublic))
        {
            foreach (var path in new[] { "/end-meeting", "/send-system-chat-message", "/invite-jigasi" }) routes.MapPost(path, ToRoomsAsync);
            routes.MapPut("/kick-participant", ToRoomsAsync);
        }

        if (settings.Get(KnownSettings.DirectorySearch)) routes.MapGet("/people-search", ToAuthAsync);
        if (settings.Get(KnownSettings.EnableAuth) && settings.Get(KnownSettings.AuthType) is AuthenticationType.Oidc) routes.Map("/oidc/{**rest}", ToAuthAsync);
    }

    public void Dispose() => _client.Dispose();

    private async Task ToSignallingAsync(HttpContext context, string path, string tenant)
    {
        var isPost = HttpMethods.IsPost(context.Request.Method);
        var boshId = path == Bosh && isPost ? await BoshSessionId.PeekAsync(context.Request, context.RequestAborted) : null;

        // The span covers only the upgrade, not the hours that a WebSocket may last; for BOSH, only the request that creates a session.
        using var span = path == ConferenceRequest && isPost ? MeshSpan.BeginTrace(Source, "forward conference request", ActivityKind.Server)
            : path == WebSocket && WebSocketRequest.Is(context) ? MeshSpan.BeginTrace(Source, "forward websocket", ActivityKind.Server)
            : path == Bosh && isPost && boshId is null ? MeshSpan.BeginTrace(Source, "forward bosh", ActivityKind.Server)
            : null;
        var node = boshId is null ? null : await placement.FindKeeperAsync(boshId, context.RequestAborted);
        var tried = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            node ??= await placement.FindAsync(context.Request.Query["previd"], context.Request.Query["room"], context.RequestAborted);
            if (node is null)
            {
                span?.Fail("no signalling");
                LogNoSignalling();
                Unavailable(context);
                return;
            }

            if (await ForwardAsync(context, node.HttpAddress, new SignallingTransformer(path, tenant, settings.XmppDomain, span))) return;
            span?.Fail("not forwarded");

            // A node that was killed is in the list for some seconds yet. Nothing was sent to it: another one gets the same request. A BOSH session is with its node alone.
            if (!WasRefused(context)) return;
            placement.Refused(node);
            LogRefused(node.NodeId);
            if (boshId is not null || !tried.Add(node.NodeId) || tried.Count >= NodesTried) return;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.Clear();
            node = null;
        }
    }

    private static bool WasRefused(HttpContext context) =>
        !context.Response.HasStarted && context.Features.Get<IForwarderErrorFeature>() is { Error: ForwarderError.Request, Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } };

    // Any signalling node forwards the request to the room's owner.
    private async Task ToRoomsAsync(HttpContext context)
    {
        var node = await placement.FindAnyAsync("signalling", context.RequestAborted);
        if (node is null) Unavailable(context);
        else await ForwardAsync(context, node.HttpAddress, ClientAddressTransformer.Instance);
    }

    private async Task ToAuthAsync(HttpContext context)
    {
        var node = await placement.FindAnyAsync("auth", context.RequestAborted);
        if (node is null)
        {
            LogNoAuth();
            Unavailable(context);
            return;
        }

        await ForwardAsync(context, node.HttpAddress, ClientAddressTransformer.Instance);
    }

    private async Task ToBridgeAsync(HttpContext context)
    {
        var bridge = context.Request.RouteValues["bridge"] as string ?? "";

        // Only a bridge that has reported itself is reachable: the path never names a host to connect to.
        if (bridges.WebSocketAddress(bridge) is not { } address)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("There is no such bridge. (MESH-HTTP-404)\n", context.RequestAborted);
            return;
        }

        await ForwardAsync(context, address, ClientAddressTransformer.Instance);
    }

    /// <returns>False when the failure is on the server's side.</returns>
    private async Task<bool> ForwardAsync(HttpContext context, string address, HttpTransformer transformer)
    {
        var error = await forwarder.SendAsync(context, address, _client, ForwarderConfig, transformer);

        // A client that disconnects is no error.
        if (error is not (ForwarderError.None or ForwarderError.RequestCanceled or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled
            or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled))
        {
            LogForwardFailed(error);
            return false;
        }

        return true;
    }

    // The body is left empty: PageRoutes.CompleteAsync writes the sentence and the code (ErrorAnswers).
    private static void Unavailable(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "2";
        context.Response.Headers.CacheControl = "no-store";
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "No signalling service is ready (MESH-HTTP-503)")]
    private partial void LogNoSignalling();

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "No auth service is ready (MESH-HTTP-503)")]
    private partial void LogNoAuth();

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "Signalling node {Node} refuses connections; it is passed over for ten seconds")]
    private partial void LogRefused(string node);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "A request could not be forwarded (MESH-HTTP-502, or -504 when it took too long): {Error}")]
    private partial void LogForwardFailed(ForwarderError error);
}
