using System.Buffers;
using JitsiMesh.EdgeProxy.Limits;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>
/// What a public path asks for, by the rules of nginx in Jitsi's web container: leading parts are tenants and are taken off one by one (the last one counts) until
/// what is left is a door of a service, a file, or the name of a room.
/// </summary>
/// <param name="Tenant">As the path has it; empty without one.</param>
/// <param name="Rest">The path without its tenants, without a leading slash: a door, a file, a room, or empty for the welcome page.</param>
/// <param name="IsReserved">Whether the rest is never a room's name: it is a door, a file, or not found.</param>
internal readonly record struct PublicPath(string Tenant, string Rest, bool IsReserved)
{
    /// <summary>Folders: what follows the slash is a file or a door, never a room. The name alone can be a room.</summary>
    private static readonly HashSet<string> Folders = new(StringComparer.Ordinal)
    {
        "libs", "css", "static", "images", "fonts", "lang", "sounds", "connection_optimization", ".well-known", "transcripts",
        "colibri-ws", "colibri-relay-ws", "conference-request", "etherpad", "socket.io", "rtcstats-ws", "rtc-visualizer", "_api", "_load-test",

        // Pages of the inner listeners: what watches them must not take a room's page for an answer.
        "debug", "about", "healthz",
    };

    /// <summary>Names that are no room: doors, and files that browsers and tools ask for whether they are there or not. Case matters.</summary>
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "config.js", "interface_config.js", "external_api.js", "http-bind", "xmpp-websocket", "colibri-ws", "colibri-relay-ws", "conference-request",
        "etherpad", "socket.io", "rtcstats-ws", "robots.txt", "favicon.ico", "manifest.json", "pwa-worker.js", "apple-app-site-association", "assetlinks.json",
        "dialInInfo.html", "_health", "_unlock", "room-password", "room-size", "people-search",

        // Pages of the inner listeners, too.
        "healthz", "health", "metrics", "debug",
    };

    /// <summary>Doors of signalling, which hear their tenant.</summary>
    private static readonly HashSet<string> SignallingDoors = new(StringComparer.Ordinal) { "xmpp-websocket", "conference-request/v1", "_unlock" };

    /// <summary>The characters that a tenant or room in a path cannot have: <c>[^/?&amp;:'"]+</c> in Jitsi's web container.</summary>
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/?&:'\"");

    public bool IsSignallingDoor => SignallingDoors.Contains(Rest);

    /// <param name="path">Decoded, with its leading slash.</param>
    /// <param name="withTenants">Whether leading parts may be tenants (ENABLE_SUBDOMAINS).</param>
    /// <param name="isFile">Whether a path without its leading slash is a file of the web client.</param>
    /// <param name="parsed">Meaningful when true is returned.</param>
    /// <returns>False for a path that nothing can be found under.</returns>
    public static bool TryParse(string path, bool withTenants, Func<string, bool> isFile, out PublicPath parsed)
    {
        parsed = new PublicPath("", "", false);
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var slash = path.EndsWith('/');
        var tenant = "";
        for (var at = 0; ; at++)
        {
            if (at == segments.Length)
            {
                parsed = new PublicPath(tenant, "", false);
                return true;
            }

            var rest = string.Join('/', segments[at..]);
            var last = at == segments.Length - 1 && !slash;
            if (isFile(rest) || SignallingDoors.Contains(rest) || (last ? Names.Contains(rest) : Folders.Contains(segments[at])))
            {
                parsed = new PublicPath(tenant, rest, true);
                return true;
            }

            // Hidden files are nobody's business, and no room is called so.
            if (segments[at][0] == '.' || segments[at].AsSpan().ContainsAny(Forbidden)) return false;
            if (last)
            {
                parsed = new PublicPath(tenant, rest, false);
                return true;
            }

            if (!withTenants || at == EdgeLimits.PathTenants) return false;
            tenant = segments[at];
        }
    }
}
