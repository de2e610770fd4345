using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>The generated scripts, the files of the web client, and index.html for every room.</summary>
internal sealed partial class PageRoutes(WebFolder folder, CompressedFiles compressed, ConfigScript config, IndexPage index, MeshSettings settings)
{
    private readonly string _corsOrigin = settings.Get(KnownSettings.CorsAllowOrigin);

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var prefix in new[] { "", "/{tenant}" })
        {
            routes.MapMethods(prefix + "/config.js", [HttpMethods.Get, HttpMethods.Head], context =>
                ScriptAsync(context, config.Config(context.Request, context.Request.RouteValues["tenant"] as string ?? "")));
            routes.MapMethods(prefix + "/interface_config.js", [HttpMethods.Get, HttpMethods.Head], context => ScriptAsync(context, config.InterfaceConfig()));
        }

        routes.MapFallback("{**path}", PageAsync);
    }

    private static Task ScriptAsync(HttpContext context, string script)
    {
        context.Response.Headers.CacheControl = "no-store";
        return TextAsync(context, script, "text/javascript; charset=utf-8");
    }

    private async Task PageAsync(HttpContext context)
    {
        if (context.Features.Get<PublicListener>() is null)
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

        var path = context.Request.Path.Value ?? "/";
        var relative = path.TrimStart('/');
        if (relative is "" or "index.html")
        {
            await IndexAsync(context, "");
            return;
        }

        if (Find(relative) is { } file)
        {
            await FileAsync(context, file);
            return;
        }

        if (RoomPath.TryParse(path, out var tenant, out _))
        {
            await IndexAsync(context, tenant);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        if (folder.Find("static/404.html") is { } missing)
        {
            await TextAsync(context, await File.ReadAllTextAsync(missing.FullName, context.RequestAborted), "text/html; charset=utf-8");
        }
    }

    /// <summary>The file of the path, else the file of the path without its tenant.</summary>
    private FileInfo? Find(string relative)
    {
        var slash = relative.IndexOf('/', StringComparison.Ordinal);
        return folder.Find(Alias(relative)) ?? (slash > 0 ? folder.Find(Alias(relative[(slash + 1)..])) : null);
    }

    private static string Alias(string relative) => relative == "external_api.js" ? "libs/external_api.min.js" : relative;

    private Task IndexAsync(HttpContext context, string tenant)
    {
        context.Response.Headers.CacheControl = "no-cache";
        return TextAsync(context, index.Render(context.Request, tenant), "text/html; charset=utf-8", revalidate: true);
    }

    private async Task FileAsync(HttpContext context, FileInfo file)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = _corsOrigin;

        // A name or query that changes with the content may be kept for ever; everything else is asked about again. Only the own client's build
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
