using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// Normalizes X-Forwarded-Proto to <c>http</c> or <c>https</c>. Some proxies write <c>wss</c> for a WebSocket upgrade (Traefik does), which means HTTPS;
/// some write several values; some pass on a value that the client invented. An X-Forwarded-Prefix that is no plain path is removed.
/// </summary>
internal static partial class ForwardedHeaderValues
{
    private const string Scheme = "X-Forwarded-Proto";
    private const string Prefix = "X-Forwarded-Prefix";

    public static void Normalize(IHeaderDictionary headers)
    {
        if (headers.TryGetValue(Prefix, out var prefix))
        {
            var path = prefix.ToString().TrimEnd('/');
            if (PlainPath().IsMatch(path)) headers[Prefix] = path;
            else headers.Remove(Prefix);
        }

        if (!headers.TryGetValue(Scheme, out var values)) return;
        var known = new List<string>();
        foreach (var value in values)
        {
            foreach (var part in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (Of(part) is { } scheme) known.Add(scheme);
            }
        }

        if (known.Count == 0) headers.Remove(Scheme);
        else headers[Scheme] = new StringValues(string.Join(", ", known));
    }

    /// <summary><c>http</c> or <c>https</c>; null for another scheme.</summary>
    public static string? Of(string text) => text.Trim('"').ToLowerInvariant() switch
    {
        "http" or "ws" => "http",
        "https" or "wss" => "https",
        _ => null,
    };

    [GeneratedRegex("^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,63}){1,8}$")]
    private static partial Regex PlainPath();
}
