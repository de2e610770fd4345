using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// Puts X-Forwarded-Proto into the two words that have a meaning here. Some proxies write <c>wss</c> beside a WebSocket's upgrade (Traefik does), which is HTTPS;
/// some write several values; some pass on what a client made up.
/// </summary>
internal static class ForwardedScheme
{
    private const string Header = "X-Forwarded-Proto";

    public static void Normalize(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(Header, out var values)) return;
        var known = new List<string>();
        foreach (var value in values)
        {
            foreach (var part in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (Of(part) is { } scheme) known.Add(scheme);
            }
        }

        if (known.Count == 0) headers.Remove(Header);
        else headers[Header] = new StringValues(string.Join(", ", known));
    }

    /// <summary><c>http</c> or <c>https</c>; null for what is no scheme of the web.</summary>
    public static string? Of(string text) => text.Trim('"').ToLowerInvariant() switch
    {
        "http" or "ws" => "http",
        "https" or "wss" => "https",
        _ => null,
    };
}
