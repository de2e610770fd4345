using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using JitsiMesh.EdgeProxy.Addresses;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>The generated scripts, the files of the web client, index.html for every room, and an error page for everything else.</summary>
internal sealed partial class PageRoutes(WebFolder folder, CompressedFiles compressed, ConfigScript config, ServerSideIncludes includes, PublicBase root, MeshSettings settings)
{
    private const string ExternalApi = "external_api.js";

    private readonly string _corsOrigin = settings.Get(KnownSettings.CorsAllowOrigin);
    private readonly bool _withTenants = settings.Get(ClientSettings.SwitchOf("ENABLE_SUBDOMAINS"));

    public void Map(IEndpointRouteBuilder routes) => routes.MapFallback("{**path}", PageAsync);

    /// <summary>Parses a public path.</summary>
    /// <param name="path">Decoded, with its leading slash.</param>
    /// <param name="parsed">The result.</param>
    /// <param name="label">The tenant's normalized name.</param>
    /// <returns>False when nothing can exist under it, for example below a tenant whose rooms could not be joined.</returns>
    public bool TryParse(string path, out PublicPath parsed, out string label)
    {
        label = "";
        return PublicPath.TryParse(path, _withTenants, rest => folder.Find(Alias(rest)) is not null, out parsed) && TenantName.TryLabel(parsed.Tenant, settings, out label);
    }

    /// <summary>Adds a body to an error answer such as 404 that has none.</summary>
    public async Task CompleteAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength > 0) return;
        if (ErrorAnswers.Of(response.StatusCode) is not { } answer) return;
        response.ContentLength = null;
        response.Headers.CacheControl = "no-store";
        var isMissing = response.StatusCode == StatusCodes.Status404NotFound;
        if (isMissing && context.Features.Get<RequestedPath>()?.Path.Rest == ExternalApi) await TextAsync(context, MissingPage.ExternalApi, "text/plain; charset=utf-8");
        else if (isMissing) await TextAsync(context, includes.Render("static/404.html", context.Request, "", "") ?? answer.Html(root.Path(context.Request)), "text/html; charset=utf-8");
        else if (ErrorAnswers.WantsPage(context.Request)) await TextAsync(context, answer.Html(root.Path(context.Request)), "text/html; charset=utf-8");
        else await TextAsync(context, answer.Text, "text/plain; charset=utf-8");
    }

    private async Task PageAsync(HttpContext context)
    {
        if (context.Features.Get<PublicListener>() is null || context.Features.Get<RequestedPath>() is not { Path: var path } || !TenantName.TryLabel(path.Tenant, settings, out var label))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return;
        }

        switch (path.Rest)
        {
            case "config.js":
                await ScriptAsync(context, config.Config(context.Request, path.Tenant, label));
                break;
            case "interface_config.js":
                await ScriptAsync(context, config.InterfaceConfig());
                break;
            case "" or "index.html":
                await HtmlAsync(context, includes.Render("index.html", context.Request, path.Tenant, label) ?? MissingPage.NotBuilt);
                break;
            case var rest when folder.Find(Alias(rest)) is { } file:
                if (!folder.IsBuiltIn && ServerSideIncludes.IsPage(rest) && includes.Render(rest, context.Request, path.Tenant, label) is { } page) await HtmlAsync(context, page);
                else await FileAsync(context, file);
                break;
            case var rest when path.IsReserved || (rest == ReservedNames.OccupantsPage && path.Tenant.Length == 0 && context.Request.Query.ContainsKey("room")):
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
            default:
                await HtmlAsync(context, includes.Render("index.html", context.Request, path.Tenant, label) ?? MissingPage.NotBuilt);
                break;
        }
    }

    private static string Alias(string path) => path == ExternalApi ? "libs/external_api.min.js" : path;

    private static Task ScriptAsync(HttpContext context, string script)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TextAsync(context, script, "text/javascript; charset=utf-8");
    }

    private static Task HtmlAsync(HttpContext context, string html)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return TextAsync(context, html, "text/html; charset=utf-8", revalidate: true);
    }

    private async Task FileAsync(HttpContext context, FileInfo file)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = _corsOrigin;

        // A name or query that changes with the content may be cached forever; all other files are revalidated. Only the build of the built-in client
        // is known to name its files by their content.
        headers.CacheControl = context.Request.Query.ContainsKey("v") || (folder.IsBuiltIn && HashedName().IsMatch(file.Name)) ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        var encoding = CompressedFiles.Encoding(file, context.Request.Headers.AcceptEncoding.ToString());
        var tag = new EntityTagHeaderValue(FormattableString.Invariant($"\"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}{(encoding is null ? "" : "-" + encoding)}\""));
        var type = WebFolder.ContentType(file.Name);
        if (encoding is null)
        {
            await Results.File(file.FullName, type, lastModified: file.LastWriteTimeUtc, entityTag: tag, enableRangeProcessing: true).ExecuteAsync(context);
            return;
        }

        headers.ContentEncoding = encoding;
        await Results.Bytes(await compressed.GetAsync(file, encoding, context.RequestAborted), type, lastModified: file.LastWriteTimeUtc, entityTag: tag).ExecuteAsync(context);
    }

    private static async Task TextAsync(HttpContext context, string text, string type, bool revalidate = false)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (revalidate)
        {
            var tag = "\"" + Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8)) + "\"";
            context.Response.Headers.ETag = tag;
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    [GeneratedRegex(@"-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")]
    private static partial Regex HashedName();
}
