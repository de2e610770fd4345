using JitsiMesh.Contracts.Store;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Hosting.Store;

/// <summary>Whether Redis answers: without it no client is admitted and no change in a room is stored.</summary>
internal sealed class StoreHealth(IMeshStore store) : IHealthCheck
{
    /// <summary>A store that needs longer for one value is of no use to a call.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.GetPlacementAsync("health", cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Its text names hosts and commands, and never the password; the kind is enough here, the log has the rest.
            return HealthCheckResult.Unhealthy($"Redis (MESH_REDIS) does not answer: {exception.GetType().Name}");
        }
    }
}
