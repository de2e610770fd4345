using System.Collections.Concurrent;
using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Primitives;

namespace JitsiMesh.EdgeProxy.Placement;

/// <summary>Selects the signalling node for a new connection. Reads the placement store once for each connection, never for a stanza.</summary>
internal sealed class SignallingPlacement(IMeshStore store, IRandomSource random, TimeProvider time) : IDisposable
{
    private const string Role = "signalling";

    /// <summary>How long a list of nodes is reused for BOSH requests, which are too frequent to read the store for each.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    /// <summary>The shortest time between two reads for an id whose node is not in the list: clients can invent ids.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How long a node that has refused a connection is passed over. One that was killed leaves the list after ten seconds; one that starts again has another id.</summary>
    private static readonly TimeSpan UnreachableTime = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly ConcurrentDictionary<string, long> _unreachable = new(StringComparer.Ordinal);
    private volatile Keepers? _keepers;

    /// <param name="resumeId">The <c>?previd=</c> of the request: the session that the client wants to resume; null or empty for none.</param>
    /// <param name="room">The <c>?room=</c> of the request; null or empty for none.</param>
    /// <param name="cancellation">Ends the look-up.</param>
    /// <returns>
    /// The node that holds the session to be resumed, even while it drains, or the node to which it has handed the session over, or the one that takes the session because its node has died; else the owner of the room's partition, so that the room's participants share a node;
    /// otherwise any live node, which works as well.
    /// Null when there is none.
    /// </returns>
    public async ValueTask<NodeRecord?> FindAsync(string? resumeId, string? room, CancellationToken cancellation)
    {
        if (NodeTag.Read(resumeId) is { } tag && await FindSessionAsync(tag, cancellation) is { } keeper) return keeper;

        if (!string.IsNullOrEmpty(room))
        {
            var partition = Partitions.Of(room.ToLowerInvariant());
            if (await store.GetPlacementAsync(OwnershipKeys.Owner(Role, partition), cancellation) is { } owner
                && await store.GetPlacementAsync(NodeRecord.Key(Role, owner), cancellation) is { } text
                && NodeRecord.FromText(text) is { Draining: false } record
                && IsReachable(record))
            {
                return record;
            }
        }

        return await FindAnyAsync(Role, cancellation);
    }

    /// <summary>A node has refused a connection: it is passed over for a while.</summary>
    public void Refused(NodeRecord node) => _unreachable[node.NodeId] = time.GetTimestamp();

    private bool IsReachable(NodeRecord node)
    {
        if (!_unreachable.TryGetValue(node.NodeId, out var at)) return true;
        if (time.GetElapsedTime(at) < UnreachableTime) return false;
        _unreachable.TryRemove(new KeyValuePair<string, long>(node.NodeId, at));
        return true;
    }

    // A node that stops names its heir while it is still in the list itself. One that has died named nobody: all edges and nodes choose the same.
    private async ValueTask<NodeRecord?> FindSessionAsync(string tag, CancellationToken cancellation)
    {
        var live = new Dictionary<string, NodeRecord>(StringComparer.Ordinal);
        foreach (var text in (await store.GetPlacementsAsync(NodeRecord.Keys(Role), cancellation)).Values)
        {
            if (NodeRecord.FromText(text) is { } node && IsReachable(node)) live[node.NodeId] = node;
        }

        foreach (var (key, keeper) in await store.GetPlacementsAsync(SessionKeepers.Keys(Role), cancellation))
        {
            var of = SessionKeepers.NodeOf(Role, key);
            if (NodeTag.Of(of) != tag) continue;
            if (live.TryGetValue(keeper == SessionKeepers.Leaving ? of : keeper, out var there)) return there;
            return SessionKeepers.Heir(of, live.Values.Where(static node => !node.Draining).Select(static node => node.NodeId)) is { } heir ? live[heir] : null;
        }

        return live.Values.FirstOrDefault(node => NodeTag.Of(node.NodeId) == tag);
    }

    /// <summary>
    /// The node that holds a BOSH session; null when no node does. The id only selects among the nodes that have registered themselves: a client cannot name another address with it. The list is cached for a while, and
    /// for longer while the store is unreachable.
    /// </summary>
    public async ValueTask<NodeRecord?> FindKeeperAsync(string sessionId, CancellationToken cancellation)
    {
        if (NodeTag.Read(sessionId) is not { } tag) return null;
        var keepers = _keepers;
        if (keepers is not null && time.GetElapsedTime(keepers.ReadAt) < (keepers.ByTag.ContainsKey(tag) ? Freshness : Pause)) return keepers.ByTag.GetValueOrDefault(tag);
        await _reading.WaitAsync(cancellation);
        try
        {
            // Another request may have read it meanwhile.
            if (_keepers == keepers) _keepers = new Keepers(time.GetTimestamp(), await ReadAsync(cancellation));
        }
        catch (Exception exception) when (keepers is not null && exception is not OperationCanceledException)
        {
            _keepers = keepers with { ReadAt = time.GetTimestamp() };
        }
        finally
        {
            _reading.Release();
        }

        return _keepers!.ByTag.GetValueOrDefault(tag);
    }

    public void Dispose() => _reading.Dispose();

    private async Task<Dictionary<string, NodeRecord>> ReadAsync(CancellationToken cancellation)
    {
        var byTag = new Dictionary<string, NodeRecord>(StringComparer.Ordinal);
        foreach (var text in (await store.GetPlacementsAsync(NodeRecord.Keys(Role), cancellation)).Values)
        {
            if (NodeRecord.FromText(text) is { } node) byTag[NodeTag.Of(node.NodeId)] = node;
        }

        return byTag;
    }

    /// <summary>Any live node of a service; null when there is none.</summary>
    public async ValueTask<NodeRecord?> FindAnyAsync(string role, CancellationToken cancellation)
    {
        var live = (await store.GetPlacementsAsync(NodeRecord.Keys(role), cancellation)).Values.Select(NodeRecord.FromText).OfType<NodeRecord>().ToList();
        var ready = live.Where(n => !n.Draining && IsReachable(n)).ToList();
        if (ready.Count == 0) ready = live;
        return ready.Count == 0 ? null : ready[random.NextInt(ready.Count)];
    }

    private sealed record Keepers(long ReadAt, IReadOnlyDictionary<string, NodeRecord> ByTag);
}
