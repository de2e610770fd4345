namespace JitsiMesh.EdgeProxy.Addresses;

/// <summary>
/// The names that are neither a room nor a tenant in the first part of a path, or in the part after the tenants. The comparison is case-sensitive: <c>/Health</c> is a room.
/// The web client rejects the same names as room names (<c>services/web/src/conference/reserved.ts</c>; a test compares the two lists).
/// </summary>
internal static class ReservedNames
{
    /// <summary>Folders: the path after the slash is a file or an endpoint, never a room. The name alone is a room, as it is behind Jitsi's nginx.</summary>
    public static readonly IReadOnlySet<string> Folders = new HashSet<string>(StringComparer.Ordinal)
    {
        "libs", "css", "static", "images", "fonts", "lang", "sounds", "connection_optimization", ".well-known", "transcripts", "oidc", "about",
    };

    /// <summary>
    /// Endpoints, files that browsers and tools request whether they exist or not, and pages of the inner listeners, for which monitoring must never get the page of a room.
    /// Neither the name nor a path below it is a room.
    /// </summary>
    public static readonly IReadOnlySet<string> Names = new HashSet<string>(StringComparer.Ordinal)
    {
        "config.js", "interface_config.js", "external_api.js", "index.html", "http-bind", "xmpp-websocket", "colibri-ws", "colibri-relay-ws", "conference-request",
        "etherpad", "socket.io", "rtcstats-ws", "rtc-visualizer", "_api", "_load-test", "_health", "_unlock",
        "robots.txt", "favicon.ico", "manifest.json", "pwa-worker.js", "apple-app-site-association", "assetlinks.json", "dialInInfo.html",
        "room-password", "room-size", "sessions", "people-search", "healthz", "health", "metrics", "debug",
    };

    /// <summary>Endpoints of signalling, which get the tenant of their path.</summary>
    public static readonly IReadOnlySet<string> SignallingEndpoints = new HashSet<string>(StringComparer.Ordinal) { "xmpp-websocket", "http-bind", "conference-request/v1", "_unlock" };

    /// <summary>
    /// mod_muc_size of Prosody answers <c>/room?room=NAME</c> on an inner port. A client that requests it from the edge must not get a page; without a query the name is a room like any other.
    /// </summary>
    public const string OccupantsPage = "room";
}
