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

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Keepers? _keepers;

    /// <param name="resumeId">The <c>?previd=</c> of the request: the session that the client wants to resume; null or empty for none.</param>
    /// <param name="room">The <c>?room=</c> of the request; null or empty for none.</param>
    /// <param name="cancellation">Ends the look-up.</param>
    /// <returns>
    /// The node that holds the session to be resumed, even while it drains, or the node to which it has handed the session over; else the owner of the room's partition, so that the room's participants share a node;
    /// otherwise any live node, which works as well.
    /// Null when there is none.
    /// </returns>
    public async ValueTask<NodeRecord?> FindAsync(string? resumeId, string? room, CancellationToken cancellation)
    {
        if (NodeTag.Read(resumeId) is { } tag)
        {
            if (await FindHeirAsync(tag, cancellation) is { } heir) return heir;
            var live = (await store.GetPlacementsAsync(NodeRecord.Keys(Role), cancellation)).Values.Select(NodeRecord.FromText);
            if (live.FirstOrDefault(n => n is not null && NodeTag.Of(n.NodeId) == tag) is { } keeper) return keeper;
        }

        if (!string.IsNullOrEmpty(room))
        {
            var partition = Partitions.Of(room.ToLowerInvariant());
            if (await store.GetPlacementAsync(OwnershipKeys.Owner(Role, partition), cancellation) is { } owner
                && await store.GetPlacementAsync(NodeRecord.Key(Role, owner), cancellation) is { } text
                && NodeRecord.FromText(text) is { Draining: false } record)
            {
                return record;
            }
        }

        return await FindAnyAsync(Role, cancellation);
    }

    // A node that stops names its heir while it is still in the list itself.
    private async ValueTask<NodeRecord?> FindHeirAsync(string tag, CancellationToken cancellation)
    {
        foreach (var (key, heir) in await store.GetPlacementsAsync(SessionKeepers.Keys(Role), cancellation))
        {
            if (NodeTag.Of(SessionKeepers.NodeOf(Role, key)) != tag) continue;
            return await store.GetPlacementAsync(NodeRecord.Key(Role, heir), cancellation) is { } text ? NodeRecord.FromText(text) : null;
        }

        return null;
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
        var ready = live.Where(n => !n.Draining).ToList();
        if (ready.Count == 0) ready = live;
        return ready.Count == 0 ? null : ready[random.NextInt(ready.Count)];
    }

    private sealed record Keepers(long ReadAt, IReadOnlyDictionary<string, NodeRecord> ByTag);
}
