using JitsiMesh.Hosting.Bus;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace JitsiMesh.Recorder;

/// <summary>The composition of the recorder.</summary>
public static class RecorderModule
{
    public static IHostApplicationBuilder AddRecorder(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddWorkerReports<RecorderCapacity>();
        return builder;
    }

    public static IEndpointRouteBuilder MapRecorder(this IEndpointRouteBuilder routes) => routes;
}
