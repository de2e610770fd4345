using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Handover;

/// <summary>
/// The sessions of other nodes that have stopped or died, which this node continues. They keep the queue of their node, which this node consumes from then on: rooms send where they have always sent, and nothing
/// overtakes what stands in the queue already. The link lets one node consume a queue, and that one has its sessions.
/// </summary>
public sealed partial class SessionAdoption(
    IStanzaLink link, IMeshStore store, SessionRegistry sessions, SessionJournal journal, StanzaRouter router, SignallingOptions options, SignallingMetrics metrics, MeshClock clock, ILogger<SessionAdoption> logger)
    : ISessionSource
{
    private readonly SavedSessions _saved = new(store);
    private readonly ConcurrentDictionary<string, Lazy<Task<IAsyncDisposable?>>> _queues = new(StringComparer.Ordinal);
    private MonotonicTime _nextSweep = clock.Now.Now + SignallingLimits.SavedSessionSweep;
    private readonly string _ownTag = NodeTag.Of(link.NodeId);
    private readonly HashSet<string> _orphans = new(StringComparer.Ordinal);

    /// <summary>The queues of other nodes that this one consumes.</summary>
    public IReadOnlyList<string> Queues => [.. _queues.Where(pair => IsConsumed(pair.Value)).Select(pair => pair.Key)];

    public async ValueTask<SessionHandle?> FindAsync(string resumeId, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(resumeId);
        if (!store.OutlivesProcess || NodeTag.Read(resumeId) is not { } tag || tag == _ownTag || sessions.IsLeaving) return null;
        var hash = SavedSessions.HashOf(resumeId);
        if (sessions.Claim(hash, resumeId) is { } waiting) return waiting;
        try
        {
            if (await _saved.HasAsync(tag, hash, cancellation) && await KeptNodeAsync(tag, cancellation) is { } node && await MayTakeAsync(node, cancellation)) await AdoptAsync(SavedSessions.QueueOf(node));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Its client joins anew.
            metrics.Refused("session-not-adopted");
            LogNotAdopted(exception);
        }

        return sessions.Claim(hash, resumeId);
    }

    /// <summary>
    /// Has the sessions of nodes that name this one their heir, whether their clients come or not: those that do not come leave their rooms when their time is over. Says that it still has those that are
    /// here, and lets go the queues of which no session is left.
    /// </summary>
    public async Task LookAfterAsync(CancellationToken cancellation)
    {
        if (!store.OutlivesProcess || sessions.IsLeaving) return;
        if (journal.IsOn) await store.SetPlacementAsync(SessionKeepers.Key("signalling", link.NodeId), link.NodeId, SignallingLimits.SessionKeeperLifetime, cancellation);
        var keepers = await store.GetPlacementsAsync(SessionKeepers.Keys("signalling"), cancellation);
        var live = await LiveNodesAsync(cancellation);
        foreach (var (key, keeper) in keepers)
        {
            var node = SessionKeepers.NodeOf("signalling", key);
            if (node == link.NodeId) continue;
            // Of several nodes that see a keeper dead, all choose the same heir.
            if (keeper == link.NodeId || (!live.ContainsKey(keeper) && !live.ContainsKey(node) && HeirOf(node, live) == link.NodeId)) await AdoptAsync(SavedSessions.QueueOf(node));
        }

        if (clock.Now.Now >= _nextSweep)
        {
            _nextSweep = clock.Now.Now + SignallingLimits.SavedSessionSweep;
            await _saved.SweepAsync(clock.Now.Utc, keepers.Keys.Select(static key => NodeTag.Of(SessionKeepers.NodeOf("signalling", key))).ToHashSet(StringComparer.Ordinal), _orphans, cancellation);
        }

        foreach (var queue in Queues)
        {
            if (sessions.Sessions.Any(handle => handle.Session.Info.Queue == queue))
            {
                await KeepAsync(queue, cancellation);
                continue;
            }

            await ReleaseAsync(queue);
            await store.RemovePlacementAsync(SessionKeepers.Key("signalling", SavedSessions.NodeOf(queue)), cancellation);
        }
    }

    /// <summary>Stops consuming a queue: another node is about to take its sessions, or none is left.</summary>
    public async Task ReleaseAsync(string queue)
    {
        if (_queues.TryRemove(queue, out var consumed) && await consumed.Value is { } subscription) await subscription.DisposeAsync();
    }

    /// <summary>True when this node consumes the queue, and its sessions wait here.</summary>
    private async Task<bool> AdoptAsync(string queue)
    {
        var adoption = _queues.GetOrAdd(queue, static (name, self) => new Lazy<Task<IAsyncDisposable?>>(() => self.TakeOverAsync(name)), this);
        if (await adoption.Value is not null) return true;
        _queues.TryRemove(new KeyValuePair<string, Lazy<Task<IAsyncDisposable?>>>(queue, adoption));
        metrics.Refused("session-not-adopted");
        return false;
    }

    private async Task<IAsyncDisposable?> TakeOverAsync(string queue)
    {
        using var limit = new CancellationTokenSource(SignallingLimits.SessionAdoptionTime, clock.Time);
        // The marks in this queue are its node's, whose ownerships are over.
        var subscription = await link.TakeOverNodeAsync(new LinkQueue(queue), cancellation => LoadAsync(queue, cancellation), new NodeConsumer(sessions, metrics, static _ => { }), limit.Token);
        if (subscription is not null) await KeepAsync(queue, CancellationToken.None);
        return subscription;
    }

    private async ValueTask LoadAsync(string queue, CancellationToken cancellation)
    {
        if (!await MayTakeAsync(SavedSessions.NodeOf(queue), cancellation)) throw new InvalidOperationException("The node hands its sessions over and has not named who has them.");
        var epoch = await _saved.NextEpochAsync(queue, cancellation);
        journal.Take(queue, epoch);
        var hashes = await _saved.HashesAsync(queue, cancellation);
        var loaded = 0;
        await Parallel.ForEachAsync(hashes, new ParallelOptions { MaxDegreeOfParallelism = SignallingLimits.SessionsInHandover, CancellationToken = cancellation }, async (hash, token) =>
        {
            try
            {
                if (await _saved.TakeAsync(queue, hash, epoch, journal.IsOn, token) is not { } saved || XmppSession.Restore(saved, router, options.HibernationTime, clock.Now, journal.IsOn) is not { } session)
                {
                    metrics.Refused("session-unreadable");
                    return;
                }

                var handle = sessions.AddWaiting(session, hash);
                if (journal.IsOn) journal.Continue(handle, hash, saved);
                Interlocked.Increment(ref loaded);
                if (sessions.IsRevoked(session)) handle.Revoke();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // It costs that session.
                metrics.Refused("session-unreadable");
                LogNotAdopted(exception);
            }
        });
        LogAdopted(loaded);
    }

    private async Task KeepAsync(string queue, CancellationToken cancellation) =>
        await store.SetPlacementAsync(SessionKeepers.Key("signalling", SavedSessions.NodeOf(queue)), link.NodeId, SignallingLimits.SessionKeeperLifetime, cancellation);

    // A node that hands its sessions over has not written all of them down yet. What it says counts while it lives; of one that was killed the records are whole, and the link gives its queue away.
    private async ValueTask<bool> MayTakeAsync(string node, CancellationToken cancellation)
    {
        var keeper = await store.GetPlacementAsync(SessionKeepers.Key("signalling", node), cancellation);
        return keeper != SessionKeepers.Leaving || await store.GetPlacementAsync(NodeRecord.Key("signalling", node), cancellation) is null;
    }

    /// <summary>Listed nodes, and whether each takes what is new.</summary>
    private async ValueTask<IReadOnlyDictionary<string, bool>> LiveNodesAsync(CancellationToken cancellation)
    {
        var live = new Dictionary<string, bool>(StringComparer.Ordinal) { [link.NodeId] = true };
        foreach (var text in (await store.GetPlacementsAsync(NodeRecord.Keys("signalling"), cancellation)).Values)
        {
            if (NodeRecord.FromText(text) is { } node) live[node.NodeId] = !node.Draining;
        }

        return live;
    }

    private static string? HeirOf(string node, IReadOnlyDictionary<string, bool> live) => SessionKeepers.Heir(node, live.Where(static one => one.Value).Select(static one => one.Key));

    /// <summary>The node with a tag whose sessions are in the store: it has stopped, or they have records.</summary>
    private async ValueTask<string?> KeptNodeAsync(string tag, CancellationToken cancellation) =>
        (await store.GetPlacementsAsync(SessionKeepers.Keys("signalling"), cancellation)).Keys.Select(key => SessionKeepers.NodeOf("signalling", key)).FirstOrDefault(node => NodeTag.Of(node) == tag);

    private static bool IsConsumed(Lazy<Task<IAsyncDisposable?>> queue) => queue is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true, Result: not null } };

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "This node continues {Sessions} sessions of a node that has stopped or died")]
    private partial void LogAdopted(int sessions);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "A session of a node that has stopped could not be taken over; its client joins anew")]
    private partial void LogNotAdopted(Exception exception);
}
