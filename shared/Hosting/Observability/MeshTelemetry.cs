using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace JitsiMesh.Hosting.Observability;

internal static class MeshTelemetry
{
    /// <summary>Metrics of every meter named <c>JitsiMesh.*</c> for Prometheus; traces of sources named so when OTEL_EXPORTER_OTLP_ENDPOINT is set.</summary>
    public static void AddMeshTelemetry(this IHostApplicationBuilder builder, string serviceName, MeshSettings settings)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("jitsimesh-" + serviceName, serviceInstanceId: settings.NodeName))
            .WithMetrics(metrics => metrics.AddMeter("JitsiMesh.*").AddRuntimeInstrumentation().AddPrometheusExporter());
        if (settings.Get(KnownSettings.OtlpEndpoint) is not { } endpoint) return;
        telemetry.WithTracing(tracing => tracing
            .AddSource("JitsiMesh.*", "MassTransit")
            .AddAspNetCoreInstrumentation()
            .AddGrpcClientInstrumentation()
            .AddOtlpExporter(otlp => otlp.Endpoint = endpoint));
    }
}
