using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Nodes;

/// <summary>Keeps this node in the list of live nodes, as draining once it stops, and takes it out at the end.</summary>
internal sealed partial class NodePresence(MeshNode node, MeshSettings settings, ListenAddresses addresses, DrainState drain, IMeshStore store, TimeProvider time, ILogger<NodePresence> logger)
    : BackgroundService
{
    /// <summary>A node that dies without a word leaves the list after this long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(3);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await store.RemovePlacementAsync(NodeRecord.Key(node.ServiceName, node.NodeId), cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotWritten(e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            await addresses.Known.WaitAsync(stoppingToken);
            do
            {
                try
                {
                    await store.SetPlacementAsync(NodeRecord.Key(node.ServiceName, node.NodeId), Describe().ToText(), Lifetime, stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogNotWritten(e);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private NodeRecord Describe() => new()
    {
        NodeId = node.NodeId,
        ServiceName = node.ServiceName,
        HttpAddress = FormattableString.Invariant($"http://{settings.AdvertiseHost}:{addresses.HttpPort}"),
        GrpcAddress = FormattableString.Invariant($"http://{settings.AdvertiseHost}:{addresses.GrpcPort}"),
        Draining = drain.Draining,
    };

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "This node's place in the list of live nodes could not be written")]
    private partial void LogNotWritten(Exception exception);
}
