using JitsiMesh.Hosting.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Hosting.Observability;

/// <summary>A node on its way out is not ready for anything new.</summary>
internal sealed class DrainHealthCheck(DrainState drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(drain.Draining ? HealthCheckResult.Unhealthy("draining") : HealthCheckResult.Healthy());
}
