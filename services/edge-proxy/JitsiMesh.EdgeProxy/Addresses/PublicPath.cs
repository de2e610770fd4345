using System.Buffers;
using JitsiMesh.EdgeProxy.Limits;

namespace JitsiMesh.EdgeProxy.Addresses;

/// <summary>
/// The meaning of a public path, by the rules of nginx in Jitsi's web container: leading parts are tenants and are stripped one by one (the last one counts) until
/// the rest is an endpoint of a service, a file, or the name of a room. <see cref="ReservedNames"/> lists the names that are not rooms.
/// </summary>
/// <param name="Tenant">As in the path; empty without one.</param>
/// <param name="Rest">The path without its tenants, without a leading slash: an endpoint, a file, a room, or empty for the welcome page.</param>
/// <param name="IsReserved">Whether the rest is never a room's name: it is an endpoint, a file, or not found.</param>
internal readonly record struct PublicPath(string Tenant, string Rest, bool IsReserved)
{
    /// <summary>The characters that a tenant or room in a path cannot have: <c>[^/?&amp;:'"]+</c> in Jitsi's web container.</summary>
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/?&:'\"");

    public bool IsSignallingEndpoint => ReservedNames.SignallingEndpoints.Contains(Rest);

    /// <param name="path">Decoded, with its leading slash.</param>
    /// <param name="withTenants">Whether leading parts may be tenants (ENABLE_SUBDOMAINS).</param>
    /// <param name="isFile">Whether a path without its leading slash is a file of the web client.</param>
    /// <param name="parsed">Meaningful when true is returned.</param>
    /// <returns>False for a path under which nothing can exist.</returns>
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
            if (isFile(rest) || ReservedNames.SignallingEndpoints.Contains(rest) || ReservedNames.Names.Contains(segments[at]) || (!last && ReservedNames.Folders.Contains(segments[at])))
            {
                parsed = new PublicPath(tenant, rest, true);
                return true;
            }

            // Hidden files must not be served, and no room has such a name.
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
