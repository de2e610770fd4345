using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Signalling.Administration;

internal static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>That of the Authorization header; null without one or with another scheme.</summary>
    public static string? Of(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }
}
