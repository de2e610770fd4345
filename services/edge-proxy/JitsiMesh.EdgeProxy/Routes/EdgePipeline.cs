using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
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
/// What happens to every public request before it is routed: (1) a trusted proxy's headers say who the client is, (2) headers of others are
/// taken away, (3) the answer gets its security headers, (4) plain HTTP is led to HTTPS when that is wanted, (5) the client's limits hold,
/// (6) the path's tenant is found, and doors hear it by its one name. An answer that nothing was found gets a page.
/// </summary>
internal sealed partial class EdgePipeline(
    MeshSettings settings, EdgeListeners edge, ListenAddresses addresses, SecurityHeaders headers, RequestLimiter limiter, PageRoutes pages, ILogger<EdgePipeline> logger) : IStartupFilter
{
    private static readonly string[] ForwardedNames = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Original-For", "X-Original-Proto", "X-Original-Host", "Forwarded"];

    private readonly bool _redirect = settings.Get(KnownSettings.EnableHttpRedirect);
    private readonly ConcurrentDictionary<IPAddress, bool> _reported = new();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        // A chain of proxies is read from its near end for as long as each one is trusted.
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost, ForwardLimit = null };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var network in settings.Get(KnownSettings.TrustedProxies)) forwarded.KnownIPNetworks.Add(network);
        app.UseWhen(context => context.Features.Get<PublicListener>() is not null, branch =>
        {
            // 1
            branch.Use((context, then) =>
            {
                ForwardedScheme.Normalize(context.Request.Headers);
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
        if (_redirect && !context.Request.IsHttps && !IsExempt(context.Request.Path))
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = Target(context.Request);
            return;
        }

        // 5
        var client = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (!limiter.TryEnter(client))
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "5";
            return;
        }

        try
        {
            if (!IsBodyAllowed(context)) context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            else if (ReadPath(context)) await next(context);
            else context.Response.StatusCode = StatusCodes.Status404NotFound;
            await pages.CompleteAsync(context);
        }
        catch (BadHttpRequestException refusal)
        {
            // A body that is too long or too slow is the client's doing: an answer, and no error of ours in the log.
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

    private static bool IsBodyAllowed(HttpContext context)
    {
        // A WebSocket over HTTP/2 is the body of its CONNECT and has bounds of its own.
        if (context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true) return true;
        if (context.Request.ContentLength > EdgeLimits.RequestBodyOctets) return false;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body) body.MaxRequestBodySize = EdgeLimits.RequestBodyOctets;
        return true;
    }

    /// <summary>Finds the path's tenant; a door of signalling gets the path that it is mapped at.</summary>
    /// <returns>False when nothing can be under the path.</returns>
    private bool ReadPath(HttpContext context)
    {
        var request = context.Request;
        if (!pages.TryParse(request.Path.Value ?? "/", out var path, out var label)) return false;
        context.Features.Set(new RequestedPath(path));
        if (!path.IsSignallingDoor) return true;
        request.Path = (label.Length > 0 ? "/" + label : "") + "/" + path.Rest;

        // A client that could say its own prefix would be in another tenant's rooms.
        if (request.Query.Keys.Any(IsPrefix))
        {
            request.QueryString = new QueryBuilder(request.Query.Where(p => !IsPrefix(p.Key)).SelectMany(p => p.Value, (p, v) => KeyValuePair.Create(p.Key, v ?? ""))).ToQueryString();
        }

        return true;
    }

    private static bool IsPrefix(string name) => string.Equals(name, "prefix", StringComparison.OrdinalIgnoreCase);

    /// <summary>A proxy that is not trusted makes all its clients one: the operator is told, as long as it may be a proxy and not anybody's made-up header.</summary>
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
        return $"https://{authority}{request.PathBase}{request.Path}{request.QueryString}";
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Address} sends X-Forwarded-For, but is in no network of MESH_TRUSTED_PROXIES: all its clients count as one, and plain HTTP stays plain")]
    private partial void LogUntrustedProxy(IPAddress address);
}

/// <summary>The feature that holds the path of a public request, read once.</summary>
internal sealed record RequestedPath(PublicPath Path);
