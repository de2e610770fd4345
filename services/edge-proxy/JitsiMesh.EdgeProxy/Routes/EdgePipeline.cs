using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.EdgeProxy.Certificates.Acme;
using JitsiMesh.EdgeProxy.Limits;
using JitsiMesh.EdgeProxy.WebRoot;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// The steps of every public request before routing: (1) read the client's address from a trusted proxy's headers, (2) remove these headers from all other peers' requests,
/// (3) add security headers to the answer, (4) strip the path of PUBLIC_URL, (5) redirect plain HTTP to HTTPS if configured, (6) apply the client's
/// limits, (7) find the path's tenant and map it to one name for the services. A 404 answer without a body gets a page.
/// </summary>
internal sealed partial class EdgePipeline(
    MeshSettings settings, EdgeListeners edge, ListenAddresses addresses, SecurityHeaders headers, RequestLimiter limiter, PageRoutes pages, PublicBase root,
    OutsideServices outside, ChallengePage challenges, HeldRequests held, ILogger<EdgePipeline> logger) : IStartupFilter
{
    private static readonly string[] ForwardedNames = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Original-For", "X-Original-Proto", "X-Original-Host", "X-Original-Prefix", "Forwarded"];

    private readonly bool _hasWebSockets = settings.Get(KnownSettings.EnableXmppWebsocket);
    private readonly bool _redirect = settings.Get(KnownSettings.EnableHttpRedirect);
    private readonly ConcurrentDictionary<IPAddress, bool> _reported = new();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        // A chain of proxies is read from its near end for as long as each proxy is trusted.
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost | ForwardedHeaders.XForwardedPrefix, ForwardLimit = null };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var network in settings.Get(KnownSettings.TrustedProxies)) forwarded.KnownIPNetworks.Add(network);
        app.UseWhen(context => context.Features.Get<PublicListener>() is not null, branch =>
        {
            // 1
            branch.Use((context, then) =>
            {
                ForwardedElements.Translate(context.Request.Headers);
                ForwardedHeaderValues.Normalize(context.Request.Headers);
                return then(context);
            });
            branch.UseForwardedHeaders(forwarded);
            branch.Use(HandleAsync);
        });
        next(app);
    };

    private async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        // 2
        ReportProxy(context);
        foreach (var name in ForwardedNames) context.Request.Headers.Remove(name);

        // 3
        context.Response.OnStarting(static state =>
        {
            var (security, request, response) = ((SecurityHeaders, HttpRequest, HttpResponse))state;
            security.Add(request, response.Headers);
            return Task.CompletedTask;
        }, (headers, context.Request, context.Response));

        // 4
        if (root.Strip(context.Request) is { } front)
        {
            context.Response.Redirect(front, permanent: true);
            return;
        }

        // 5
        if (_redirect && !context.Request.IsHttps && !IsExempt(context.Request.Path))
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = Target(context.Request);
            return;
        }

        // 6
        var client = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (!limiter.TryEnter(client))
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "5";
            await pages.CompleteAsync(context);
            return;
        }

        using var stopping = held.Watch(context);
        try
        {
            if (await challenges.TryAnswerAsync(context)) return;
            if (!IsBodyAllowed(context)) context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            else if (!ReadPath(context)) context.Response.StatusCode = StatusCodes.Status404NotFound;
            else if (LacksUpgrade(context)) await AskForUpgradeAsync(context);
            else await next(context);
            await pages.CompleteAsync(context);
        }
        catch (BadHttpRequestException refusal)
        {
            // The client caused a body that is too long or too slow: answer it, and log no error.
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            context.Response.Clear();
            context.Response.StatusCode = refusal.StatusCode;
            await pages.CompleteAsync(context);
        }
        finally
        {
            limiter.Leave(client);
        }
    }

    private bool IsBodyAllowed(HttpContext context)
    {
        // A WebSocket over HTTP/2 is the body of its CONNECT and has limits of its own.
        if (context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true) return true;
        var path = context.Request.Path;
        var most = outside.IsBelow(path) ? EdgeLimits.OutsideBodyOctets
            : path.Value?.EndsWith("/http-bind", StringComparison.Ordinal) == true ? EdgeLimits.BoshBodyOctets
            : EdgeLimits.RequestBodyOctets;
        if (context.Request.ContentLength > most) return false;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body) body.MaxRequestBodySize = most;
        return true;
    }

    /// <summary>Whether a plain request arrives where only a WebSocket is accepted. HTTP/2 carries WebSockets in a CONNECT (RFC 8441), which is another method.</summary>
    private bool LacksUpgrade(HttpContext context) =>
        _hasWebSockets && context.Features.Get<RequestedPath>()?.Path.Rest == "xmpp-websocket" && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest != true;

    private static Task AskForUpgradeAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status426UpgradeRequired;
        response.Headers.CacheControl = "no-store";

        // Clients on pages of other hosts read the answer to check that the server is up.
        response.Headers.AccessControlAllowOrigin = "*";
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            response.Headers.Upgrade = "websocket";
            response.Headers.Connection = "Upgrade";
        }

        response.ContentType = "text/plain; charset=utf-8";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.WriteAsync("This address accepts only WebSockets with the protocol xmpp.\n", context.RequestAborted);
    }

    /// <summary>Finds the path's tenant. For an endpoint of signalling, the path becomes the one that it is mapped at.</summary>
    /// <returns>False when nothing can exist under the path.</returns>
    private bool ReadPath(HttpContext context)
    {
        var request = context.Request;
        if (!pages.TryParse(request.Path.Value ?? "/", out var path, out var label)) return false;
        context.Features.Set(new RequestedPath(path));
        if (!path.IsSignallingEndpoint) return true;
        request.Path = (label.Length > 0 ? "/" + label : "") + "/" + path.Rest;

        // A client that could set its own prefix would be in another tenant's rooms.
        if (request.Query.Keys.Any(IsPrefix))
        {
            request.QueryString = new QueryBuilder(request.Query.Where(p => !IsPrefix(p.Key)).SelectMany(p => p.Value, (p, v) => KeyValuePair.Create(p.Key, v ?? ""))).ToQueryString();
        }

        return true;
    }

    private static bool IsPrefix(string name) => string.Equals(name, "prefix", StringComparison.OrdinalIgnoreCase);

    /// <summary>Warns the operator about an untrusted proxy, which makes all its clients count as one. The number of warnings is limited, since any client may forge the header.</summary>
    private void ReportProxy(HttpContext context)
    {
        var request = context.Request;
        if (!request.Headers.ContainsKey("X-Forwarded-For") || request.Headers.ContainsKey("X-Original-For")) return;
        if (context.Connection.RemoteIpAddress is not { } peer || !IsPrivate(peer) || _reported.Count >= EdgeLimits.ReportedProxies) return;
        if (_reported.TryAdd(peer, true)) LogUntrustedProxy(peer);
    }

    private static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6) return address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal;
        return address.GetAddressBytes() is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..];
    }

    private static bool IsExempt(PathString path) =>
        path.StartsWithSegments("/.well-known/acme-challenge", StringComparison.Ordinal) || path.StartsWithSegments("/healthz", StringComparison.Ordinal) || path == "/about/health";

    private string Target(HttpRequest request)
    {
        var published = settings.Get(KnownSettings.PublishedHttpsPort).Port;
        var port = settings.PublicUrl is { } url ? new Uri(url).Port : published != 0 ? published : addresses.Port(edge.HttpsIndex);
        var host = request.Host.Host;
        var authority = port is 443 or 0 ? host : host + ":" + port.ToString(CultureInfo.InvariantCulture);
        return $"https://{authority}{root.Path(request)}{request.Path}{request.QueryString}";
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Address} sends X-Forwarded-For, but is in no network of MESH_TRUSTED_PROXIES: all its clients count as one, and plain HTTP stays plain")]
    private partial void LogUntrustedProxy(IPAddress address);
}
