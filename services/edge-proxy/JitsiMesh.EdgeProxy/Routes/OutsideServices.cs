using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// External servers that the operator configures, below paths of Jitsi's web container: <c>/etherpad/…</c> with its first part stripped (ETHERPAD_URL_BASE) and <c>/socket.io/</c>,
/// the whiteboard's (WHITEBOARD_COLLAB_SERVER_URL_BASE). WebSockets are forwarded; a server that does not answer affects no other requests.
/// </summary>
internal sealed partial class OutsideServices(IHttpForwarder forwarder, MeshSettings settings, ILogger<OutsideServices> logger) : IDisposable
{
    private const string Etherpad = "/etherpad";
    private const string Whiteboard = "/socket.io";

    /// <summary>How long a connection may be silent in both directions. The clients of both servers ping every 25 s.</summary>
    private static readonly ForwarderRequestConfig ForwarderConfig = new() { ActivityTimeout = TimeSpan.FromMinutes(5) };

    private readonly Uri? _etherpad = settings.Get(KnownSettings.EtherpadUrlBase);
    private readonly Uri? _whiteboard = settings.Get(KnownSettings.WhiteboardEnabled) ? settings.Get(KnownSettings.WhiteboardUrlBase) : null;

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    /// <summary>Whether one of these servers answers a path.</summary>
    public bool IsBelow(PathString path) =>
        (_etherpad is not null && path.StartsWithSegments(Etherpad, StringComparison.Ordinal)) || (_whiteboard is not null && path.StartsWithSegments(Whiteboard, StringComparison.Ordinal));

    public void Map(IEndpointRouteBuilder routes)
    {
        if (_etherpad is { } etherpad)
        {
            routes.Map(Etherpad + "/{**rest}", context =>
            {
                context.Request.Path.StartsWithSegments(Etherpad, StringComparison.Ordinal, out var rest);
                return ForwardAsync(context, etherpad, rest, Etherpad);
            });
        }

        if (_whiteboard is { } whiteboard) routes.Map(Whiteboard, context => ForwardAsync(context, whiteboard, Whiteboard + "/", ""));
    }

    public void Dispose() => _client.Dispose();

    private async Task ForwardAsync(HttpContext context, Uri server, PathString path, string below)
    {
        // In one process the inner ports have these routes too, but no client uses them there.
        if (context.Features.Get<RequestedPath>() is null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var error = await forwarder.SendAsync(context, server.AbsoluteUri.TrimEnd('/'), _client, ForwarderConfig, new Transformer(server, path, below));
        if (error is ForwarderError.Request or ForwarderError.RequestTimedOut or ForwarderError.NoAvailableDestinations) LogDown(server.Authority, error);
    }

    /// <param name="server">Where the request goes.</param>
    /// <param name="path">The path of the request on that server.</param>
    /// <param name="below">The public path that maps to the server's root.</param>
    private sealed class Transformer(Uri server, PathString path, string below) : ClientAddressTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, path, httpContext.Request.QueryString);
            proxyRequest.Headers.Host = null;
        }

        public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            var copied = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);

            // The server's inner address must not be disclosed, and clients could not reach it.
            if (proxyResponse?.Headers.Location is { IsAbsoluteUri: true } location && string.Equals(location.Authority, server.Authority, StringComparison.OrdinalIgnoreCase))
            {
                var root = server.AbsolutePath.TrimEnd('/');
                var rest = location.PathAndQuery.StartsWith(root + "/", StringComparison.Ordinal) ? location.PathAndQuery[root.Length..] : location.PathAndQuery;
                httpContext.Response.Headers.Location = httpContext.Request.PathBase.ToUriComponent() + below + rest;
            }

            return copied;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Server} does not answer (MESH-HTTP-502): {Error}")]
    private partial void LogDown(string server, ForwarderError error);
}
