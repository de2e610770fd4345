using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Whether the bridge can do its work: the loop answers, the port is bound, an address is known.</summary>
internal sealed class BridgeHealth(MediaBridgeRuntime runtime, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);
    private readonly Lock _lock = new();
    private long? _refusedSince;

    /// <summary>Null when all is well.</summary>
    public async Task<string?> FindProblemAsync(CancellationToken cancellation)
    {
        if (!runtime.IsRunning) return "the media loop does not run";
        var answer = runtime.Ask((shard, _) => shard.Candidates.HasOutsideAddress);
        if (IsRefused(answer is null)) return "the media loop takes no requests";
        if (answer is null) return null;
        try
        {
            var reachable = await answer.WaitAsync(Limit, cancellation);
            return !reachable && runtime.Options.RequireValidAddress ? "no address is usable from another machine" : null;
        }
        catch (TimeoutException)
        {
            return "the media loop does not answer";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return "the media loop answers with an error";
        }
    }

    /// <summary>A queue that is full for a moment is no fault: only when it was found full for as long as an answer may take, and never otherwise in between.</summary>
    private bool IsRefused(bool full)
    {
        lock (_lock)
        {
            if (!full)
            {
                _refusedSince = null;
                return false;
            }

            var now = time.GetTimestamp();
            _refusedSince ??= now;
            return time.GetElapsedTime(_refusedSince.Value, now) >= Limit;
        }
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problem = await FindProblemAsync(cancellationToken);
        return problem is null ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(problem);
    }
}
