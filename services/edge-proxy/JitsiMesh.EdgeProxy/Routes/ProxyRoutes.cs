using JitsiMesh.EdgeProxy.Placement;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>What goes on to other services: signalling's doors by room, a bridge's WebSocket by the bridge's name.</summary>
internal sealed partial class ProxyRoutes(IHttpForwarder forwarder, SignallingPlacement placement, BridgeDirectory bridges, MeshSettings settings, ILogger<ProxyRoutes> logger) : IDisposable
{
    /// <summary>How long a forwarded connection may be silent both ways. Clients ping every 10 s; a BOSH request waits for 60 s.</summary>
    private static readonly ForwarderRequestConfig Patience = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(3),
    });

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in new[] { "/xmpp-websocket", "/http-bind", "/conference-request/v1", "/_unlock" })
        {
            routes.Map(path, context => ToSignallingAsync(context, path, ""));
            routes.Map("/{tenant}" + path, context => ToSignallingAsync(context, path, context.Request.RouteValues["tenant"] as string ?? ""));
        }

        routes.Map("/colibri-ws/{bridge}/{**rest}", ToBridgeAsync);
    }

    public void Dispose() => _client.Dispose();

    private async Task ToSignallingAsync(HttpContext context, string path, string tenant)
    {
        var node = await placement.FindAsync(context.Request.Query["room"], context.RequestAborted);
        if (node is null)
        {
            LogNoSignalling();
            await UnavailableAsync(context, "No signalling service is ready.");
            return;
        }

        await ForwardAsync(context, node.HttpAddress, new SignallingTransformer(path, tenant, settings.XmppDomain));
    }

    private async Task ToBridgeAsync(HttpContext context)
    {
        var bridge = context.Request.RouteValues["bridge"] as string ?? "";

        // Only a bridge that has reported itself: the path never names a host to connect to.
        if (bridges.WebSocketAddress(bridge) is not { } address)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await ForwardAsync(context, address, ClientAddressTransformer.Instance);
    }

    private async Task ForwardAsync(HttpContext context, string address, HttpTransformer transformer)
    {
        var error = await forwarder.SendAsync(context, address, _client, Patience, transformer);

        // A client that goes away is no error of ours.
        if (error is not (ForwarderError.None or ForwarderError.RequestCanceled or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled
            or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeResponseClient or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled))
        {
            LogForwardFailed(error);
        }
    }

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
