using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Handover;

/// <summary>What a node that stops does with its sessions: writes each down exactly as it is, so that its client resumes at another node.</summary>
public sealed partial class SessionHandover(
    IMeshStore store, SessionRegistry sessions, SessionAdoption adoption, IRandomSource random, SignallingMetrics metrics, MeshClock clock, Contracts.Links.IStanzaLink link, ILogger<SessionHandover> logger)
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

        return live.Count == 0 ? null : live[random.NextInt(live.Count)].NodeId;
    }

    /// <summary>
    /// Hands all sessions over that a client can resume. Nothing may come for them through this node any more: its rooms are with other owners, and it consumes its queue no longer. Those that
    /// cannot be handed over end here, as in a node that is alone.
    /// </summary>
    /// <param name="heir">The node that the edge sends their clients to.</param>
    /// <param name="cancellation">The time is over.</param>
    public async Task HandOverAsync(string heir, CancellationToken cancellation)
    {
        sessions.BeginLeaving();
        var queues = (string[])[SavedSessions.QueueOf(link.NodeId), .. adoption.Queues];
        var epochs = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var queue in queues)
        {
            await adoption.ReleaseAsync(queue);
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
            // Whoever takes the queue over has all of its sessions: not before the last of them is written down. Where the time was over before, those that are written down are nobody's without this.
            using var limit = new CancellationTokenSource(SignallingLimits.SessionAdoptionTime, clock.Time);
            foreach (var queue in queues) await store.SetPlacementAsync(SessionKeepers.Key("signalling", SavedSessions.NodeOf(queue)), heir, SignallingLimits.SessionKeeperLifetime, limit.Token);
            LogHandedOver(handed);
        }
    }

    private async Task<bool> TryHandOverAsync(SessionHandle handle, long epoch, CancellationToken cancellation)
    {
        try
        {
            if (handle.Freeze() is { } connection) await connection.WhenIdleAsync(cancellation);
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
