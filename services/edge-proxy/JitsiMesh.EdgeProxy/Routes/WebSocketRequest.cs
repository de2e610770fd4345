using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace JitsiMesh.EdgeProxy.Routes;

/// <summary>A request for a WebSocket: by an upgrade in HTTP/1.1 (RFC 6455), by a CONNECT in HTTP/2 (RFC 8441).</summary>
internal static class WebSocketRequest
{
    public static bool Is(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true;
}
