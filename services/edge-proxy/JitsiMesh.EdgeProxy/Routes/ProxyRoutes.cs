using System.Diagnostics;
using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Hosting.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>What goes on to other services: signalling's doors by room, a bridge's WebSocket by the bridge's name.</summary>
internal sealed partial class ProxyRoutes(IHttpForwarder forwarder, SignallingPlacement placement, BridgeDirectory bridges, MeshSettings settings, ILogger<ProxyRoutes> logger) : IDisposable
{
    /// <summary>How long a forwarded connection may be silent both ways. Clients ping every 10 s.</summary>
    private static readonly ForwarderRequestConfig Patience = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };

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
        foreach (var path in new[] { "/xmpp-websocket", "/conference-request/v1", "/_unlock" })
        {
            routes.Map(path, context => ToSignallingAsync(context, path, ""));
            routes.Map("/{tenant}" + path, context => ToSignallingAsync(context, path, context.Request.RouteValues["tenant"] as string ?? ""));
        }

        routes.Map("/colibri-ws/{bridge}/{**rest}", ToBridgeAsync);
        if (settings.Get(KnownSettings.DirectorySearch)) routes.MapGet("/people-search", ToAuthAsync);
    }

    public void Dispose() => _client.Dispose();

    private async Task ToSignallingAsync(HttpContext context, string path, string tenant)
    {
        // The upgrade alone, not the hours that a WebSocket may last.
        using var span = path == "/conference-request/v1" && HttpMethods.IsPost(context.Request.Method) ? MeshSpan.BeginTrace(Source, "forward conference request", ActivityKind.Server)
            : path == "/xmpp-websocket" && OpensWebSocket(context) ? MeshSpan.BeginTrace(Source, "forward websocket", ActivityKind.Server)
            : null;
        var node = await placement.FindAsync(context.Request.Query["previd"], context.Request.Query["room"], context.RequestAborted);
        if (node is null)
        {
            span?.Fail("no signalling");
            LogNoSignalling();
            await UnavailableAsync(context, "No signalling service is ready.");
            return;
        }

        if (!await ForwardAsync(context, node.HttpAddress, new SignallingTransformer(path, tenant, settings.XmppDomain, span))) span?.Fail("not forwarded");
    }

    private async Task ToAuthAsync(HttpContext context)
    {
        var node = await placement.FindAnyAsync("auth", context.RequestAborted);
        if (node is null) await UnavailableAsync(context, "No auth service is ready.");
        else await ForwardAsync(context, node.HttpAddress, ClientAddressTransformer.Instance);
    }

    private async Task ToBridgeAsync(HttpContext context)
    {
        var bridge = context.Request.RouteValues["bridge"] as string ?? "";

        // Only a bridge that has reported itself: the path never names a host to connect to.
        if (bridges.WebSocketAddress(bridge) is not { } address)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("There is no such bridge.", context.RequestAborted);
            return;
        }

        await ForwardAsync(context, address, ClientAddressTransformer.Instance);
    }

    /// <returns>False when it went wrong on our side.</returns>
    private async Task<bool> ForwardAsync(HttpContext context, string address, HttpTransformer transformer)
    {
        var error = await forwarder.SendAsync(context, address, _client, Patience, transformer);

        // A client that goes away is no error of ours.
        if (error is not (ForwarderError.None or ForwarderError.RequestCanceled or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled
            or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled))
        {
            LogForwardFailed(error);
            return false;
        }

        return true;
    }

    // HTTP/2 carries a WebSocket in a CONNECT (RFC 8441).
    private static bool OpensWebSocket(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true;

    private static Task UnavailableAsync(HttpContext context, string text)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.RetryAfter = "2";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "No signalling service is ready")]
    private partial void LogNoSignalling();

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "A request could not be forwarded: {Error}")]
    private partial void LogForwardFailed(ForwarderError error);
}
