using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace JitsiMesh.Signalling.Http;

/// <summary>A session's room, tenant and token as the URL and the headers of its first request give them (mod_jitsi_session): the same over a WebSocket and over BOSH.</summary>
internal static class ClientRequests
{
    public static ClientRequest Of(HttpContext context, SignallingDomains domains)
    {
        var query = context.Request.Query;
        var authorization = context.Request.Headers.Authorization.ToString();
        var bearer = authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization[7..].Trim() : null;
        var room = First(query["room"]);
        var tenant = First(query["prefix"]) ?? context.Request.RouteValues["tenant"] as string;
        return new ClientRequest
        {
            // Only what can be the name of a room counts; modules find the room by it.
            Room = domains.RoomOf(room, null)?.Local,
            Tenant = domains.RoomOf(tenant, null)?.Local,
            Token = First(query["token"]) ?? (string.IsNullOrEmpty(bearer) ? null : bearer),
            PreviousId = First(query["previd"]),
            Region = First(context.Request.Headers["x-proxy-region"]) ?? First(context.Request.Headers["x_proxy_region"]),
        };
    }

    private static string? First(StringValues values) => values.Count > 0 && !string.IsNullOrEmpty(values[0]) ? values[0] : null;
}
