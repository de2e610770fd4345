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
/// The sessions that other nodes have handed over and that go on here. They keep the queue of their node, which this node consumes from then on: rooms send where they have always sent, and nothing
/// overtakes what stands in the queue already. The link lets one node consume a queue, and that one has its sessions.
/// </summary>
public sealed partial class SessionAdoption(
    IStanzaLink link, IMeshStore store, SessionRegistry sessions, StanzaRouter router, SignallingOptions options, SignallingMetrics metrics, MeshClock clock, ILogger<SessionAdoption> logger) : ISessionSource
{
    private readonly SavedSessions _saved = new(store);
    private readonly ConcurrentDictionary<string, Lazy<Task<IAsyncDisposable?>>> _queues = new(StringComparer.Ordinal);
    private MonotonicTime _nextSweep = clock.Now.Now + SignallingLimits.SavedSessionSweep;
    private readonly string _ownTag = NodeTag.Of(link.NodeId);

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
            // Its own word that all of them are written down; without it, some may be missing yet.
            if (await _saved.HasAsync(tag, hash, cancellation) && await StoppedNodeAsync(tag, cancellation) is { } node) await AdoptAsync(SavedSessions.QueueOf(node));
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
        foreach (var (key, heir) in await store.GetPlacementsAsync(SessionKeepers.Keys("signalling"), cancellation))
        {
            if (heir == link.NodeId) await AdoptAsync(SavedSessions.QueueOf(SessionKeepers.NodeOf("signalling", key)));
        }

        if (clock.Now.Now >= _nextSweep)
        {
            _nextSweep = clock.Now.Now + SignallingLimits.SavedSessionSweep;
            await _saved.SweepAsync(clock.Now.Utc, cancellation);
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

    /// <summary>Consumes a queue no longer: its sessions are about to go on elsewhere, or none is left.</summary>
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
        var epoch = await _saved.NextEpochAsync(queue, cancellation);
        var hashes = await _saved.HashesAsync(queue, cancellation);
        var loaded = 0;
        await Parallel.ForEachAsync(hashes, new ParallelOptions { MaxDegreeOfParallelism = SignallingLimits.SessionsInHandover, CancellationToken = cancellation }, async (hash, token) =>
        {
            try
            {
                if (await _saved.TakeAsync(queue, hash, epoch, token) is not { } saved || XmppSession.Restore(saved, router, options.HibernationTime, clock.Now) is not { } session)
                {
                    metrics.Refused("session-unreadable");
                    return;
                }

                var handle = sessions.AddWaiting(session, hash);
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

    /// <summary>The node with a tag that has handed its sessions over.</summary>
    private async ValueTask<string?> StoppedNodeAsync(string tag, CancellationToken cancellation) =>
        (await store.GetPlacementsAsync(SessionKeepers.Keys("signalling"), cancellation)).Keys.Select(key => SessionKeepers.NodeOf("signalling", key)).FirstOrDefault(node => NodeTag.Of(node) == tag);

    private static bool IsConsumed(Lazy<Task<IAsyncDisposable?>> queue) => queue is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true, Result: not null } };

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Sessions} sessions of a node that has stopped go on here")]
    private partial void LogAdopted(int sessions);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "A session of a node that has stopped could not be taken over; its client joins anew")]
    private partial void LogNotAdopted(Exception exception);
}
