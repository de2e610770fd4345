using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.Oidc;

/// <summary>The page that a user sees when a login fails.</summary>
internal static class OidcPage
{
    /// <param name="context">The request.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="title">The heading.</param>
    /// <param name="sentence">What happened.</param>
    /// <param name="links">Links on the page: address and text.</param>
    public static Task WriteAsync(HttpContext context, int status, string title, string sentence, params (string Address, string Text)[] links)
    {
        var encoder = HtmlEncoder.Default;
        var ways = string.Concat(links.Select(link => $"<p><a href=\"{encoder.Encode(link.Address)}\">{encoder.Encode(link.Text)}</a></p>"));
        context.Response.StatusCode = status;
        Guard(context);
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync($"""
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{encoder.Encode(title)}</title>
            <body style="font:16px sans-serif;margin:4rem auto;max-width:40rem;padding:0 1rem"><h1>{encoder.Encode(title)}</h1>
            <p data-testid="login-refused">{encoder.Encode(sentence)}</p>{ways}</body></html>

            """, context.RequestAborted);
    }

    /// <summary>Sets headers so that caches keep nothing of a login and other sites get no referrer.</summary>
    public static void Guard(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
