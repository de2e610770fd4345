using System.Text.RegularExpressions;
using JitsiMesh.EdgeProxy.WebRoot;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// The headers that say to browsers what a page of this server may do. The own client runs scripts of its own files alone: there is no inline script, so that
/// neither nonce nor hash is needed. A Jitsi Meet from WEB_ROOT has inline scripts and loads from where its operator wants; it gets what cannot break it.
/// CSP_HEADER replaces the policy. Embedding is allowed, since the IFrame API needs it, until MESH_FRAME_ANCESTORS says by which pages.
/// </summary>
internal sealed partial class SecurityHeaders(MeshSettings settings, WebFolder folder, ConfigScript config)
{
    /// <summary>
    /// Style elements come from the library that stops the page behind a dialog from scrolling. Fonts and pictures that the build puts into its files are data: URLs.
    /// </summary>
    private const string OwnClient =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; worker-src 'self' blob:; "
        + "frame-src 'none'; object-src 'none'; base-uri 'self'; form-action 'self'; manifest-src 'self'; connect-src 'self'";

    private const string AnyClient = "object-src 'none'; base-uri 'self'";

    /// <summary>What no page here asks for. Camera, microphone and screen stay with the pages and, by its <c>allow</c>, with a page that embeds them.</summary>
    private const string Permissions = "interest-cohort=(), browsing-topics=(), geolocation=(), payment=(), usb=(), serial=(), midi=()";

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
        headers.ContentSecurityPolicy = Policy(request);
        if (_shard.Length > 0) headers["X-Jitsi-Shard"] = _shard;
        if (request.IsHttps && _hsts) headers.StrictTransportSecurity = new StringValues("max-age=63072000");
    }

    private StringValues Policy(HttpRequest request)
    {
        // Two policies both hold.
        if (_operators.Length > 0) return _embedding.Length > 0 ? new StringValues([_operators, _embedding]) : _operators;
        var policy = folder.IsBuiltIn ? OwnClient + Connections(request) : AnyClient;
        return _embedding.Length > 0 ? policy + "; " + _embedding : policy;
    }

    /// <summary>The page's own server and PUBLIC_URL, for WebSockets too. What the operator's custom-config.js names cannot be known here: with one, every secure server.</summary>
    private string Connections(HttpRequest request)
    {
        var hosts = "";
        if (PlainHost().IsMatch(request.Host.Value ?? "")) hosts += $" {(request.IsHttps ? "wss" : "ws")}://{request.Host.Value}";
        if (settings.PublicUrl is { } url)
        {
            var authority = new Uri(url).Authority;
            hosts += $" https://{authority} wss://{authority}";
        }

        return config.HasOperatorsPart ? hosts + " https: wss:" : hosts;
    }

    [GeneratedRegex(@"^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?$")]
    private static partial Regex PlainHost();
}
