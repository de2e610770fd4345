using System.Globalization;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Primitives;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// What happens to every public request before it is routed: (1) a trusted proxy's headers say who the client is, (2) headers of others are
/// taken away, (3) the answer gets its security headers, (4) plain HTTP is led to HTTPS when that is wanted.
/// </summary>
internal sealed class EdgePipeline(MeshSettings settings, EdgeListeners edge, ListenAddresses addresses) : IStartupFilter
{
    private static readonly string[] ForwardedNames = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Original-For", "X-Original-Proto", "X-Original-Host", "Forwarded"];

    private readonly bool _redirect = settings.Get(KnownSettings.EnableHttpRedirect);
    private readonly bool _hsts = settings.Get(KnownSettings.EnableHsts);
    private readonly string _csp = settings.Get(KnownSettings.CspHeader);
    private readonly string _shard = settings.Get(ClientSettings.TextOf("DEPLOYMENTINFO_SHARD"));

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var network in settings.Get(KnownSettings.TrustedProxies)) forwarded.KnownIPNetworks.Add(network);
        app.UseWhen(context => context.Features.Get<PublicListener>() is not null, branch =>
        {
            // 1
            branch.UseForwardedHeaders(forwarded);
            branch.Use(HandleAsync);
        });
        next(app);
    };

    private Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        // 2
        foreach (var name in ForwardedNames) context.Request.Headers.Remove(name);

        // 3
        context.Response.OnStarting(static state =>
        {
            var (self, response, https) = ((EdgePipeline, HttpResponse, bool))state;
            self.AddHeaders(response.Headers, https);
            return Task.CompletedTask;
        }, (this, context.Response, context.Request.IsHttps));

        // 4
        if (_redirect && !context.Request.IsHttps && !IsExempt(context.Request.Path))
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = Target(context.Request);
            return Task.CompletedTask;
        }

        return next(context);
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

    private void AddHeaders(IHeaderDictionary headers, bool https)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XXSSProtection = "1; mode=block";
        headers["Permissions-Policy"] = "interest-cohort=()";
        if (_csp.Length > 0) headers.ContentSecurityPolicy = _csp;
        if (_shard.Length > 0) headers["X-Jitsi-Shard"] = _shard;
        if (https && _hsts) headers.StrictTransportSecurity = new StringValues("max-age=63072000");
    }
}
