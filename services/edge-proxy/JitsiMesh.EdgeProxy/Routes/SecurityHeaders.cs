using System.Text.RegularExpressions;
using JitsiMesh.EdgeProxy.WebRoot;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// The headers that tell browsers what a page of this server may do. The built-in client runs only scripts from its own files: there is no inline script, so that
/// neither nonce nor hash is needed. A Jitsi Meet from WEB_ROOT has inline scripts and loads from origins of its operator's choice; it gets only directives that cannot break it.
/// CSP_HEADER replaces the policy. Any page may embed this one, since the IFrame API needs it, unless MESH_FRAME_ANCESTORS restricts it.
/// </summary>
internal sealed partial class SecurityHeaders(MeshSettings settings, WebFolder folder, ConfigScript config, OutsideServices outside)
{
    /// <summary>
    /// Style elements come from the library that locks the scrolling of the page behind a dialog. The build embeds fonts and pictures as data: URLs.
    /// </summary>
    private const string OwnClient =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
        + "object-src 'none'; base-uri 'self'; form-action 'self'; manifest-src 'self'; ";

    private const string AnyClient = "object-src 'none'; base-uri 'self'";

    /// <summary>Features that no page here uses. Camera, microphone and screen stay available to the pages and, by its <c>allow</c>, to an embedding page.</summary>
    private const string Permissions = "interest-cohort=(), browsing-topics=(), geolocation=(), payment=(), usb=(), serial=(), midi=()";

    private static readonly string[] ServicesOfPeople = ["PEOPLE_SEARCH_URL", "INVITE_SERVICE_URL"];

    private readonly string _operators = settings.Get(KnownSettings.CspHeader);
    private readonly string _shard = settings.Get(ClientSettings.TextOf("DEPLOYMENTINFO_SHARD"));
    private readonly bool _hsts = settings.Get(KnownSettings.EnableHsts);
    private readonly string _embedding = settings.Get(KnownSettings.FrameAncestors) is { Length: > 0 } pages ? "frame-ancestors " + pages : "";

    public void Add(HttpRequest request, IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.XXSSProtection = "1; mode=block";
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
        headers["Permissions-Policy"] = Permissions;
        if (!outside.IsBelow(request.Path)) headers.ContentSecurityPolicy = Policy(request);
        else if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = _operators.Length > 0 ? _operators : AnyClient;
        if (_shard.Length > 0) headers["X-Jitsi-Shard"] = _shard;
        if (request.IsHttps && _hsts) headers.StrictTransportSecurity = new StringValues("max-age=63072000");
    }

    private StringValues Policy(HttpRequest request)
    {
        // The browser enforces both policies.
        if (_operators.Length > 0) return _embedding.Length > 0 ? new StringValues([_operators, _embedding]) : _operators;
        var policy = folder.IsBuiltIn ? OwnClient + "frame-src " + Frames(request) + "; connect-src 'self'" + Connections(request) : AnyClient;
        return _embedding.Length > 0 ? policy + "; " + _embedding : policy;
    }

    /// <summary>Origins of the shared document's frame. No other frames are used.</summary>
    private string Frames(HttpRequest request)
    {
        if (settings.IsSet(ClientSettings.TextOf("ETHERPAD_PUBLIC_URL"))) return OriginOf(settings.Get(ClientSettings.TextOf("ETHERPAD_PUBLIC_URL"))) is { Length: > 0 } origin ? origin : "'none'";
        if (settings.Get(KnownSettings.EtherpadUrlBase) is null) return "'none'";
        return settings.PublicUrl is { } url && new Uri(url).Authority != request.Host.Value ? "'self' " + OriginOf(url) : "'self'";
    }

    /// <summary>Scheme, host and port of a web address; empty for an invalid one, or one that would add more than a source to a policy.</summary>
    private static string OriginOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) && PlainHost().IsMatch(url.Authority) ? $"{url.Scheme}://{url.Authority}" : "";

    /// <summary>The page's own server and PUBLIC_URL, also for WebSockets, and the people search services of the client. The servers in the operator's custom-config.js are unknown here: with such a file, every secure server is allowed.</summary>
    private string Connections(HttpRequest request)
    {
        var hosts = "";
        if (PlainHost().IsMatch(request.Host.Value ?? "")) hosts += $" {(request.IsHttps ? "wss" : "ws")}://{request.Host.Value}";
        if (settings.PublicUrl is { } url)
        {
            var authority = new Uri(url).Authority;
            hosts += $" https://{authority} wss://{authority}";
        }

        foreach (var name in ServicesOfPeople)
        {
            if (OriginOf(settings.Get(ClientSettings.TextOf(name))) is { Length: > 0 } service) hosts += " " + service;
        }

        return config.HasOperatorsPart ? hosts + " https: wss:" : hosts;
    }

    [GeneratedRegex(@"^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?$")]
    private static partial Regex PlainHost();
}
