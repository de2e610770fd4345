using System.Threading.Channels;
using JitsiMesh.Contracts.Bus;
using JitsiMesh.Hosting;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Endpoints;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Tells the mesh how this bridge is: at once at the start and on a change, and every few seconds; and which endpoints ended by themselves.</summary>
internal sealed partial class BridgeStatusReporter(
    MediaBridgeRuntime runtime, BridgeHealth health, BridgeAddresses addresses, IBus bus, TimeProvider time, ILogger<BridgeStatusReporter> logger) : BackgroundService
{
    /// <summary>Ended endpoints that wait to be told of; beyond it the oldest is dropped (focus finds out at its next request).</summary>
    private const int MaxPendingEnds = 10_000;

    private readonly Channel<EndpointExpired> _ended = Channel.CreateBounded<EndpointExpired>(
        new BoundedChannelOptions(MaxPendingEnds) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

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
        runtime.EndpointEnded += OnEndpointEnded;
        try
        {
            await addresses.Known.WaitAsync(stoppingToken);
            var ended = TellEndedAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                await ReportAsync(stoppingToken);
                using var timer = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(_wake.WaitAsync(timer.Token), Task.Delay(runtime.Options.StatusInterval, time, timer.Token));
                await timer.CancelAsync();
            }

            await ended;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the host.
        }
        finally
        {
            runtime.StatusChanged -= OnStatusChanged;
            runtime.EndpointEnded -= OnEndpointEnded;
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

    private async Task TellEndedAsync(CancellationToken cancellation)
    {
        await foreach (var ended in _ended.Reader.ReadAllAsync(cancellation))
        {
            try
            {
                await bus.Publish(ended, cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogReportFailed(e);
            }
        }
    }

    private void OnStatusChanged() => _wake.Release();

    private void OnEndpointEnded(string meetingId, string endpointId, EndpointEnd reason)
    {
        // What focus ordered itself it need not hear.
        if (reason is EndpointEnd.Expired or EndpointEnd.ConferenceEnded) return;
        _ended.Writer.TryWrite(new EndpointExpired { BridgeId = runtime.Options.BridgeId, MeetingId = meetingId, EndpointId = endpointId, Reason = reason.ToString() });
    }

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
