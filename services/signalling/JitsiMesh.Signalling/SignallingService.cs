using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Signalling.Handover;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling;

/// <summary>Takes part in the link while the host runs, and beats: deadlines of rooms and sessions, and who of the nodes lives.</summary>
public sealed partial class SignallingService(
    IStanzaLink link, IMeshStore store, PartitionOwner owner, SessionRegistry sessions, RoomDoor rooms, SignallingMetrics metrics, MeshClock clock, Http.OwnQueue queue,
    SessionAdoption adoption, SessionHandover handover, SessionJournal journal, ILogger<SignallingService> logger)
    : BackgroundService, IDrainable
{
    /// <summary>How late a deadline may be: far below what a person notices of a ghost or a debounce.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LivenessPeriod = TimeSpan.FromSeconds(5);

    private IAsyncDisposable? _node;
    private IAsyncDisposable? _partitions;
    private Task? _partitionsOver;
    private Task? _nodeOver;
    private Task _looking = Task.CompletedTask;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        sessions.Connect(rooms, journal);
        await journal.BeginQueueAsync(cancellationToken);
        metrics.Observe("signalling.sessions", "Sessions of this node", () => sessions.Count);
        metrics.Observe("signalling.partitions", "Partitions owned here", () => owner.Owned.Count());
        _node = await link.ConsumeNodeAsync("signalling", new NodeConsumer(sessions, metrics, mark => owner.Mailbox(OwnershipMark.PartitionOf(mark))?.Release(mark)), cancellationToken);
        _partitions = await link.ConsumePartitionsAsync("signalling", owner, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Where another node lives, hands everything over before the sockets close, so that clients resume there at once: first the rooms, which serve the sockets through the link from then on; then the
    /// sessions. Where none does, the sockets close.
    /// </summary>
    public async ValueTask DrainAsync(CancellationToken cancellation)
    {
        try
        {
            if (await handover.FindHeirAsync(cancellation) is not { } heir) return;
            sessions.BeginLeaving();
            await _looking.WaitAsync(cancellation);
            await handover.AnnounceAsync(cancellation);
            await ReleaseAsync(cancellation);
            await handover.HandOverAsync(heir, cancellation);
        }
        finally
        {
            sessions.CloseSockets();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            if (store.OutlivesProcess)
            {
                // Rooms continue at other nodes, where the participants of this one would stand without a session.
                sessions.EndAll();
                await rooms.DrainAsync(cancellationToken);
            }

            // Handing over needs the broker, which may be away: the host's time to stop bounds it.
            await ReleaseAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogNotHandedOver();
        }
    }

    private async Task ReleaseAsync(CancellationToken cancellation)
    {
        // Begun once: where the time to drain is over, stopping waits for the same.
        await (_partitionsOver ??= EndAsync(_partitions)).WaitAsync(cancellation);
        await (_nodeOver ??= EndAsync(_node)).WaitAsync(cancellation);
    }

    private static async Task EndAsync(IAsyncDisposable? consumer)
    {
        if (consumer is not null) await consumer.DisposeAsync();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(BeatAsync(stoppingToken), KeepRecordsAsync(stoppingToken));

    private async Task KeepRecordsAsync(CancellationToken cancellation)
    {
        try
        {
            await journal.RunAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Beat, clock.Time);
        // At once: what a process before this one has left waits already.
        var nextLiveness = clock.Now.Now;
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
                // Of its own: it may wait for another node's queue, and rooms tick meanwhile.
                if (_looking.IsCompleted) _looking = LookAfterSessionsAsync(stoppingToken);
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

            // Sessions that another node keeps, or will take.
            foreach (var key in (await store.GetPlacementsAsync(SessionKeepers.Keys("signalling"), cancellation)).Keys) live.Add(SavedSessions.QueueOf(SessionKeepers.NodeOf("signalling", key)));
            foreach (var mailbox in owner.Owned) mailbox.LiveQueues(live);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            // Without the list nobody is taken for gone.
            LogNoList(exception);
        }
    }

    private async Task LookAfterSessionsAsync(CancellationToken cancellation)
    {
        try
        {
            await adoption.LookAfterAsync(cancellation);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogNotLookedAfter(exception);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "The sessions of nodes that have stopped could not be looked after; it is tried again")]
    private partial void LogNotLookedAfter(Exception exception);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The list of live nodes could not be read")]
    private partial void LogNoList(Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Stopped before all rooms were handed over; their next owner continues from the store")]
    private partial void LogNotHandedOver();
}
