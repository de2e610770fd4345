using JitsiMesh.Hosting.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Recorder;

/// <summary>The composition of the recorder.</summary>
public static class RecorderModule
{
    public static IHostApplicationBuilder AddRecorder(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddMeshService("recorder", "this version records and streams nothing: the recorder is healthy, takes no job, and a request to record is refused at once");
        return builder;
    }

    public static IEndpointRouteBuilder MapRecorder(this IEndpointRouteBuilder routes)
    {
        // COMPAT(monitoring of Jibri): its health page. Busy, since it takes no job: whoever scales by it must not count on it.
        routes.MapGet("/jibri/api/v1.0/health", async (HealthCheckService health, CancellationToken cancellation) =>
        {
            var healthy = (await health.CheckHealthAsync(cancellation)).Status != HealthStatus.Unhealthy;
            return Results.Json(new { status = new { busyStatus = "BUSY", health = new { healthStatus = healthy ? "HEALTHY" : "UNHEALTHY", details = new { } } } });
        }).InnerPage("recorder: health and whether it is busy, with the keys of Jibri's page");
        return routes;
    }
}
