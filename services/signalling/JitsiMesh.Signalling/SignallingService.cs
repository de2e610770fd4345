using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling;

/// <summary>Takes part in the link while the host runs, and beats: deadlines of rooms and sessions, and who of the nodes lives.</summary>
public sealed partial class SignallingService(
    IStanzaLink link, IMeshStore store, PartitionOwner owner, SessionRegistry sessions, RoomDoor rooms, SignallingMetrics metrics, MeshClock clock, Http.OwnQueue queue, ILogger<SignallingService> logger)
    : BackgroundService
{
    /// <summary>How late a deadline may be: far below what a person notices of a ghost or a debounce.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LivenessPeriod = TimeSpan.FromSeconds(5);

    private IAsyncDisposable? _node;
    private IAsyncDisposable? _partitions;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        sessions.Connect(rooms);
        metrics.Observe("signalling.sessions", "Sessions of this node", () => sessions.Count);
        metrics.Observe("signalling.partitions", "Partitions owned here", () => owner.Owned.Count());
        _node = await link.ConsumeNodeAsync("signalling", new NodeConsumer(sessions, metrics, mark => owner.Mailbox(OwnershipMark.PartitionOf(mark))?.Release(mark)), cancellationToken);
        _partitions = await link.ConsumePartitionsAsync("signalling", owner, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            // Handing over needs the broker, which may be away: the host's time to stop bounds it.
            if (_partitions is not null) await _partitions.DisposeAsync().AsTask().WaitAsync(cancellationToken);
            if (_node is not null) await _node.DisposeAsync().AsTask().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogNotHandedOver();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, clock.Time);
        var nextLiveness = clock.Now.Now + LivenessPeriod;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = clock.Now.Now;
                foreach (var mailbox in owner.Owned) mailbox.TickIfDue(now);
                sessions.Tick();
                if (now < nextLiveness) continue;
                nextLiveness = now + LivenessPeriod;
                await LookAtNodesAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task LookAtNodesAsync(CancellationToken cancellation)
    {
        try
        {
            var live = new HashSet<string>(StringComparer.Ordinal) { queue.Name };
            foreach (var service in (string[])["signalling", Hosting.MeshNode.AllInOneName])
            {
                foreach (var key in (await store.GetPlacementsAsync(NodeRecord.Keys(service), cancellation)).Keys) live.Add(LinkQueue.Node("signalling", key[NodeRecord.Keys(service).Length..]).Name);
            }

            foreach (var mailbox in owner.Owned) mailbox.LiveQueues(live);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            // Without the list nobody is taken for gone.
            LogNoList(exception);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The list of live nodes could not be read")]
    private partial void LogNoList(Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Stopped before all rooms were handed over; their next owner goes on from the store")]
    private partial void LogNotHandedOver();
}
