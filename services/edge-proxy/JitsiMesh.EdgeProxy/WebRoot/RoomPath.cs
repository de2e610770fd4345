using System.Buffers;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>Tells paths of rooms (<c>/room</c>, <c>/tenant/room</c>) from everything else.</summary>
internal static class RoomPath
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "libs", "css", "static", "images", "fonts", "lang", "sounds", "connection_optimization", ".well-known", "transcripts", "assets",
        "config.js", "interface_config.js", "external_api.js", "http-bind", "xmpp-websocket", "colibri-ws", "colibri-relay-ws", "conference-request",
        "etherpad", "socket.io", "rtcstats-ws", "robots.txt", "favicon.ico", "manifest.json", "pwa-worker.js", "apple-app-site-association", "assetlinks.json",
        "dialInInfo.html", "_health", "_unlock", "room-password", "room-size", "healthz", "about", "health", "metrics", "debug",
    };

    /// <summary>The characters that a tenant or room in a path cannot have: <c>[^/?&amp;:'"]+</c> in Jitsi's web container.</summary>
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/?&:'\"");

    /// <param name="path">Decoded, with its leading slash.</param>
    /// <param name="tenant">Empty for a room without one.</param>
    public static bool TryParse(string path, out string tenant, out string room)
    {
        tenant = "";
        room = "";
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length is 0 or > 2 || segments.Any(s => s[0] == '.' || s.AsSpan().ContainsAny(Forbidden)) || Reserved.Contains(segments[0])) return false;
        room = segments[^1];
        if (segments.Length == 2)
        {
            // /tenant/config.js and the like were answered before; what is left of them is no room.
            if (Reserved.Contains(room)) return false;
            tenant = segments[0];
        }

        return true;
    }
}
