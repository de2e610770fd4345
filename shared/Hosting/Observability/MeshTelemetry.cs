using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace JitsiMesh.Hosting.Observability;

internal static class MeshTelemetry
{
    /// <summary>
    /// Metrics of every meter named <c>JitsiMesh.*</c> for Prometheus; traces of sources with such names when OTEL_EXPORTER_OTLP_ENDPOINT is set. No others: the frameworks'
    /// own spans contain paths (which are names of rooms) and addresses, and last as long as a WebSocket.
    /// </summary>
    public static void AddMeshTelemetry(this IHostApplicationBuilder builder, string serviceName, MeshSettings settings)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("jitsimesh-" + serviceName, serviceInstanceId: settings.NodeName))
            .WithMetrics(metrics => metrics.AddMeter("JitsiMesh.*").AddRuntimeInstrumentation().AddPrometheusExporter());
        if (settings.Get(KnownSettings.OtlpEndpoint) is null) return;

        // OpenTelemetry reads its own variables (protocol, headers, sampler, …) from the configuration; those of our .env are among them.
        builder.Configuration.AddInMemoryCollection(settings.TextsOf("OTEL_")!);
        telemetry.WithTracing(tracing => tracing.AddSource("JitsiMesh.*").AddOtlpExporter());
    }
}
