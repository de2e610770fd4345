using System.Net.WebSockets;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Tracing;
using JitsiMesh.Signalling.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace JitsiMesh.Signalling.Http;

/// <summary><c>/xmpp-websocket</c> and <c>/{tenant}/xmpp-websocket</c>: the door of the clients.</summary>
public sealed class XmppWebSocketEndpoint(
    SignallingFeatures features, SignallingOptions options, Routing.StanzaRouter router, ConnectionServices services, AddressLimiter limiter, OwnQueue queue)
{
    /// <summary>What a request without an upgrade gets: clients fetch this address to keep their load balancer's cookie alive, and any 200 will do.</summary>
    private const string Page = "<!DOCTYPE html><html><head><title>XMPP</title></head><body><p>XMPP over WebSocket (RFC 7395) is here.</p></body></html>";

    public async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.CacheControl = "no-cache";
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync(Page);
            return;
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains("xmpp"))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var address = ClientAddress.Of(context, options);
        if (!limiter.TryEnter(address))
        {
            services.Metrics.Refused(nameof(SessionEndReason.TooManySocketsOfAddress));
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }

        // The edge says which trace it has begun; a client is nobody to take one from.
        using var trace = JoinTrace.IsOn ? JoinTrace.Begin(context.Features.Get<PublicListener>() is null ? context.Request.Headers[MeshSpan.Header].ToString() : null) : null;
        var authenticated = false;
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                SubProtocol = "xmpp",
                KeepAliveInterval = TimeSpan.FromSeconds(30),
                KeepAliveTimeout = TimeSpan.FromSeconds(30),
            });
            var stream = new XmppStream(router, ClientRequests.Of(context, features.Domains) with { AddressTag = ClientAddress.TagOf(address, options) }, queue.Name, options.HibernationTime);
            using var transport = new WebSocketTransport(socket, (context.Features.Get<IHttpUpgradeFeature>() as BatchingUpgrade)?.Stream);
            using var connection = new ClientConnection(transport, stream, services, () =>
            {
                authenticated = true;
                limiter.Authenticated(address);
            }, trace, address);
            await connection.RunAsync(services.Sessions.Closing);
        }
        finally
        {
            limiter.Leave(address, authenticated);
        }
    }
}

/// <summary>The name of the link queue of this node.</summary>
public sealed record OwnQueue(string Name);
