using JitsiMesh.Contracts.Bus;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.MediaBridge.Discovery;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Tells the mesh how this bridge is: at once at the start and on a change, and every few seconds.</summary>
internal sealed partial class BridgeStatusReporter(
    MediaBridgeRuntime runtime, BridgeHealth health, BridgeAddresses addresses, IBus bus, TimeProvider time, ILogger<BridgeStatusReporter> logger) : BackgroundService
{
    private readonly SemaphoreSlim _wake = new(0);
    private long _number;

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    public BridgeStatusReported Current(bool healthy)
    {
        var shard = runtime.Shard;
        return new BridgeStatusReported
        {
            BridgeId = runtime.Options.BridgeId,
            Number = ++_number,
            StartedAt = runtime.StartedAt,
            ControlAddress = addresses.Control,
            WebSocketAddress = addresses.WebSocket,
            Pool = runtime.Options.Pool,
            MediaAddresses = shard is null ? [] : MediaAddresses.Of(shard.Candidates),
            Region = runtime.Options.Region,
            Version = runtime.Options.Version,
            Stress = Math.Round(runtime.Load.Stress, 3),
            AverageParticipantStress = runtime.Options.AverageParticipantStress,
            Endpoints = shard?.EndpointCount ?? 0,
            Conferences = shard?.Conferences.Count ?? 0,
            Healthy = healthy,
            Drain = runtime.Draining,
            GracefulShutdown = runtime.ShuttingDown,
            ShuttingDown = runtime.ShuttingDown,
        };
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        runtime.StatusChanged += OnStatusChanged;
        try
        {
            await addresses.Known.WaitAsync(stoppingToken);

            // What focus hears of is used at once: an offer made a moment too early would lack the public address.
            if (!runtime.AddressKnown.IsCompleted) await Task.WhenAny(runtime.AddressKnown, Task.Delay(DiscoveryLimits.FirstReportWait, time, stoppingToken));
            while (!stoppingToken.IsCancellationRequested)
            {
                await ReportAsync(stoppingToken);
                using var timer = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(_wake.WaitAsync(timer.Token), Task.Delay(runtime.Options.StatusInterval, time, timer.Token));
                await timer.CancelAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the host.
        }
        finally
        {
            runtime.StatusChanged -= OnStatusChanged;
        }
    }

    private async Task ReportAsync(CancellationToken cancellation)
    {
        try
        {
            runtime.SampleLoad();
            var healthy = await health.FindProblemAsync(cancellation) is null;
            await bus.Publish(Current(healthy), cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogReportFailed(e);
        }
    }

    private void OnStatusChanged() => _wake.Release();

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The bus did not take a report")]
    private partial void LogReportFailed(Exception e);
}

/// <summary>Where this bridge is reached by focus and by the edge.</summary>
internal sealed class BridgeAddresses(MediaBridgeOptions options, MeshNode node, Hosting.Settings.MeshSettings settings, ListenAddresses listening)
{
    /// <summary>Ends when the addresses are known.</summary>
    public Task Known => listening.Known;

    public string Control => node.InOneProcess ? $"inproc:{options.BridgeId}" : $"http://{settings.AdvertiseHost}:{listening.GrpcPort}";

    public string WebSocket => $"http://{(node.InOneProcess ? "localhost" : settings.AdvertiseHost)}:{listening.HttpPort}";
}
