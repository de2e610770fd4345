using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Nodes;

/// <summary>What a module does between the order to stop and the end: hand over, let calls end, tell peers.</summary>
public interface IDrainable
{
    ValueTask DrainAsync(CancellationToken cancellation);
}

/// <summary>Whether this process is on its way out. Readiness fails from then on.</summary>
public sealed class DrainState
{
    private volatile bool _draining;

    public bool Draining => _draining;

    internal void Begin() => _draining = true;
}

/// <summary>On SIGTERM: readiness fails, then every module drains at once, for as long as <c>MESH_DRAIN_TIMEOUT</c> allows, then the host stops.</summary>
internal sealed partial class DrainService(DrainState state, IEnumerable<IDrainable> drainables, MeshSettings settings, TimeProvider time, ILogger<DrainService> logger)
    : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        state.Begin();
        using var limit = new CancellationTokenSource(settings.Get(KnownSettings.DrainTimeout), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await Task.WhenAll(drainables.Select(d => DrainOneAsync(d, both.Token)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task DrainOneAsync(IDrainable drainable, CancellationToken cancellation)
    {
        try
        {
            await drainable.DrainAsync(cancellation).AsTask().WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            LogCutShort(drainable.GetType().Name);
        }
        catch (Exception e)
        {
            LogFailed(e, drainable.GetType().Name);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Part} was still draining when the time was over")]
    private partial void LogCutShort(string part);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "{Part} failed to drain")]
    private partial void LogFailed(Exception exception, string part);
}
