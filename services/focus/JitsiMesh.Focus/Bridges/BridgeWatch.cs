using JitsiMesh.Contracts.Bus;
using JitsiMesh.Focus.BridgeSelection;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Focus.Bridges;

/// <summary>Keeps the pool of bridges: takes their reports, checks their health, and tells when one is lost or has come.</summary>
public sealed partial class BridgeWatch(BridgeCaller caller, FocusClock clock, FocusOptions options, ILogger<BridgeWatch> logger) : BackgroundService
{
    private readonly Lock _lock = new();
    private readonly BridgePool _pool = new(options.Bridges);
    private HashSet<string> _usable = [];

    /// <summary>A bridge was lost, came, or started anew.</summary>
    public event Action? Changed;

    public BridgePoolSnapshot Snapshot
    {
        get
        {
            lock (_lock) return _pool.Snapshot(clock.Now);
        }
    }

    public void Observe(BridgeStatusReported status) => Apply(pool => pool.Observe(status, clock.Now));

    public void Unreachable(string bridgeId, string instance) => Apply(pool => pool.Unreachable(bridgeId, instance, clock.Now));

    public void AllocationFailed(string bridgeId, string instance, string conference) => Apply(pool => pool.AllocationFailed(bridgeId, instance, conference, clock.Now));

    public void Leaving(string bridgeId, string instance) => Apply(pool => pool.EnteredGracefulShutdown(bridgeId, instance));

    public void Placed(string bridgeId) => Apply(pool => pool.EndpointPlaced(bridgeId, clock.Now));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Bridges.HealthInterval, clock.Provider);
        var checking = new HashSet<string>(StringComparer.Ordinal);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var bridge in Snapshot.Bridges)
            {
                lock (_lock)
                {
                    if (!checking.Add(bridge.Instance)) continue;
                }

                _ = CheckAsync(bridge, checking, stoppingToken);
            }

            // Silence changes the pool without an input.
            Apply(_ => { });
        }
    }

    private async Task CheckAsync(BridgeSnapshot bridge, HashSet<string> checking, CancellationToken cancellation)
    {
        try
        {
            var (outcome, reason) = await caller.CheckHealthAsync(bridge.ControlAddress, options.Bridges.HealthTimeout, cancellation);
            if (outcome != HealthOutcome.Healthy) LogUnwell(bridge.BridgeId, outcome, reason);
            Apply(pool => pool.HealthChecked(bridge.BridgeId, bridge.Instance, outcome, clock.Now));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Shutting down.
        }
        catch (Exception exception)
        {
            LogCheckFailed(exception, bridge.BridgeId);
        }
        finally
        {
            lock (_lock) checking.Remove(bridge.Instance);
        }
    }

    private void Apply(Action<BridgePool> change)
    {
        lock (_lock)
        {
            change(_pool);
            var usable = _pool.Snapshot(clock.Now).Bridges.Where(bridge => !bridge.Lost).Select(bridge => bridge.Instance).ToHashSet(StringComparer.Ordinal);
            if (usable.SetEquals(_usable)) return;
            foreach (var instance in usable.Except(_usable)) LogUsable(instance);
            foreach (var instance in _usable.Except(usable)) LogLost(instance);
            _usable = usable;
        }

        Changed?.Invoke();
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Bridge {Instance} can be used")]
    private partial void LogUsable(string instance);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Bridge {Instance} is lost")]
    private partial void LogLost(string instance);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Bridge {BridgeId} is {Outcome}: {Reason}")]
    private partial void LogUnwell(string bridgeId, HealthOutcome outcome, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "The health check of bridge {BridgeId} failed on our side")]
    private partial void LogCheckFailed(Exception exception, string bridgeId);
}

/// <summary>Brings the bridges' reports from the bus.</summary>
public sealed class BridgeStatusConsumer(BridgeWatch watch) : IConsumer<BridgeStatusReported>
{
    public Task Consume(ConsumeContext<BridgeStatusReported> context)
    {
        watch.Observe(context.Message);
        return Task.CompletedTask;
    }
}
