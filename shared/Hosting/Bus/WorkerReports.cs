using JitsiMesh.Contracts.Bus;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Bus;

/// <summary>How many jobs a recorder or gateway can take at this moment, asked before each report.</summary>
public interface IWorkerCapacity
{
    /// <summary>recorder or sip-gateway.</summary>
    string Kind { get; }

    /// <summary>Jobs that it can have at once; 0 when it takes none.</summary>
    int Capacity { get; }

    int Busy { get; }
}

/// <summary>Publishes <see cref="WorkerCapacityReported"/> at once and then every few seconds.</summary>
public static class WorkerReports
{
    /// <summary>Silence for three of these means gone.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddWorkerReports<TCapacity>(this IServiceCollection services) where TCapacity : class, IWorkerCapacity
    {
        services.AddSingleton<TCapacity>();
        return services.AddSingleton<IHostedService>(provider => new WorkerReporter(
            provider.GetRequiredService<TCapacity>(), provider.GetRequiredService<MeshNode>(), provider.GetRequiredService<IBus>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WorkerReporter>>()));
    }
}

internal sealed partial class WorkerReporter(IWorkerCapacity worker, MeshNode node, IBus bus, TimeProvider time, ILogger<WorkerReporter> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(WorkerReports.Period, time);
        var number = 0L;
        try
        {
            do
            {
                try
                {
                    await bus.Publish(new WorkerCapacityReported { Kind = worker.Kind, WorkerId = node.NodeId, Number = ++number, Capacity = worker.Capacity, Busy = worker.Busy }, stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogNotPublished(e, worker.Kind);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The capacity of this {Kind} could not be reported")]
    private partial void LogNotPublished(Exception exception, string kind);
}
