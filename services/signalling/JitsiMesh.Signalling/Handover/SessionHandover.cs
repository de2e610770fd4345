using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Handover;

/// <summary>What a node that stops does with its sessions: writes each down exactly as it is, so that its client resumes at another node.</summary>
public sealed partial class SessionHandover(
    IMeshStore store, SessionRegistry sessions, SessionAdoption adoption, SessionJournal journal, IRandomSource random, SignallingMetrics metrics, MeshClock clock, Contracts.Links.IStanzaLink link, ILogger<SessionHandover> logger)
{
    private readonly SavedSessions _saved = new(store);

    /// <summary>The node that is to have the sessions; null where no other node could.</summary>
    public async Task<string?> FindHeirAsync(CancellationToken cancellation)
    {
        if (!store.OutlivesProcess) return null;
        var live = new List<NodeRecord>();
        foreach (var text in (await store.GetPlacementsAsync(NodeRecord.Keys("signalling"), cancellation)).Values)
        {
            if (NodeRecord.FromText(text) is { Draining: false } node && node.NodeId != link.NodeId) live.Add(node);
        }

        // Alone, with records: the next process of this service continues the sessions.
        if (live.Count == 0) return journal.IsOn ? link.NodeId : null;
        return live[random.NextInt(live.Count)].NodeId;
    }

    /// <summary>Tells the other nodes that this one is about to hand its sessions over, before it lets go of any queue: until it has named their heir they are not to be taken.</summary>
    public async Task AnnounceAsync(CancellationToken cancellation)
    {
        foreach (var queue in Queues) await store.SetPlacementAsync(SessionKeepers.Key("signalling", SavedSessions.NodeOf(queue)), SessionKeepers.Leaving, SignallingLimits.SessionKeeperLifetime, cancellation);
    }

    /// <summary>
    /// Hands all sessions over that a client can resume. Nothing may come for them through this node any more: its rooms are with other owners, and it consumes its queue no longer. Those that
    /// cannot be handed over end here, as in a node that is alone.
    /// </summary>
    /// <param name="heir">The node that the edge sends their clients to.</param>
    /// <param name="cancellation">The time is over.</param>
    public async Task HandOverAsync(string heir, CancellationToken cancellation)
    {
        var queues = Queues;
        var epochs = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var queue in queues)
        {
            await adoption.ReleaseAsync(queue);
            if (journal.EpochOf(queue) is { } kept)
            {
                epochs[queue] = kept;
                continue;
            }

            epochs[queue] = await _saved.NextEpochAsync(queue, cancellation);
            await _saved.ClearAsync(queue, epochs[queue], cancellation);
        }

        var handed = 0;
        try
        {
            await Parallel.ForEachAsync(sessions.Sessions.ToList(), new ParallelOptions { MaxDegreeOfParallelism = SignallingLimits.SessionsInHandover, CancellationToken = cancellation }, async (handle, token) =>
            {
                if (handle.WaitsAs is null && handle.Session.ResumeId is null) return;
                if (epochs.TryGetValue(handle.Session.Info.Queue, out var epoch) && await TryHandOverAsync(handle, epoch, token)) Interlocked.Increment(ref handed);
                else handle.End(SessionEndReason.ShuttingDown);
            });
        }
        finally
        {
            // The heir takes all sessions of the queue at once: it is named when the last of them is written down. If the time is over before, this gives it those that are written down.
            using var limit = new CancellationTokenSource(SignallingLimits.SessionAdoptionTime, clock.Time);
            foreach (var queue in queues) await store.SetPlacementAsync(SessionKeepers.Key("signalling", SavedSessions.NodeOf(queue)), heir, SignallingLimits.SessionKeeperLifetime, limit.Token);
            LogHandedOver(handed);
        }
    }

    private string[] Queues => [SavedSessions.QueueOf(link.NodeId), .. adoption.Queues];

    private async Task<bool> TryHandOverAsync(SessionHandle handle, long epoch, CancellationToken cancellation)
    {
        try
        {
            if (handle.Freeze() is { } connection) await connection.WhenIdleAsync(cancellation);
            await journal.ReleaseAsync(handle, cancellation);
            SavedSession? saved;
            string? hash;
            lock (handle.Gate) (saved, hash) = (handle.Session.Save(clock.Now), handle.WaitsAs);
            if (saved is null) return false;
            if (!await _saved.WriteAsync(saved, hash ?? SavedSessions.HashOf(handle.Session.ResumeId!), epoch, cancellation))
            {
                metrics.Refused("session-not-handed-over");
                return false;
            }

            sessions.Release(handle);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            metrics.Refused("session-not-handed-over");
            LogNotHandedOver(exception);
            return false;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Sessions} sessions go on at another node")]
    private partial void LogHandedOver(int sessions);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "A session could not be handed over; it leaves its rooms")]
    private partial void LogNotHandedOver(Exception exception);
}
