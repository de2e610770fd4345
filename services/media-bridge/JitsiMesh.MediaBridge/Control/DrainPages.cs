using JitsiMesh.Hosting.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>
/// Draining by hand, under the JVB's paths and on inner listeners alone: a draining bridge keeps its conferences and is given no new ones while another
/// bridge can take them.
/// </summary>
internal static class DrainPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/colibri/drain", (MediaBridgeRuntime runtime) => Answer(runtime)).InnerPage("media-bridge: whether it drains; POST /colibri/drain/enable and /disable change it");
        routes.MapPost("/colibri/drain/enable", (MediaBridgeRuntime runtime, HttpRequest request) => Set(runtime, request, drain: true)).OnInnerListenersOnly();
        routes.MapPost("/colibri/drain/disable", (MediaBridgeRuntime runtime, HttpRequest request) => Set(runtime, request, drain: false)).OnInnerListenersOnly();
    }

    internal static IResult Set(MediaBridgeRuntime runtime, HttpRequest request, bool drain)
    {
        // A browser says which page a POST comes from: no page has business here, and an operator's browser may stand on the same machine.
        if (request.Headers.Origin.Count > 0) return Results.StatusCode(StatusCodes.Status403Forbidden);
        runtime.SetDrain(drain);
        return Answer(runtime);
    }

    private static IResult Answer(MediaBridgeRuntime runtime) => Results.Json(new { drain = runtime.Draining });
}
