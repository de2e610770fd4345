using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Links;
using JitsiMesh.Hosting.Nodes;
using JitsiMesh.Primitives;

namespace JitsiMesh.EdgeProxy.Placement;

/// <summary>Which signalling node a new connection goes to. Read from the placement store once for each connection, never for a stanza.</summary>
internal sealed class SignallingPlacement(IMeshStore store, IRandomSource random)
{
    private const string Role = "signalling";

    /// <param name="resumeId">The <c>?previd=</c> of the request: the session that the client wants back, null or empty when it wants none.</param>
    /// <param name="room">The <c>?room=</c> of the request; null or empty when it names none.</param>
    /// <param name="cancellation">Ends the look-up.</param>
    /// <returns>
    /// The node that keeps the session to be resumed, even while it drains; else the owner of the room's partition, so that its people meet on one node; otherwise any live node, on which everything works as well.
    /// Null when there is none.
    /// </returns>
    public async ValueTask<NodeRecord?> FindAsync(string? resumeId, string? room, CancellationToken cancellation)
    {
        if (NodeTag.Read(resumeId) is { } tag
            && (await store.GetPlacementsAsync(NodeRecord.Keys(Role), cancellation)).Values.Select(NodeRecord.FromText).FirstOrDefault(n => n is not null && NodeTag.Of(n.NodeId) == tag) is { } keeper)
        {
            return keeper;
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

    /// <summary>Any live node of a service; null when there is none.</summary>
    public async ValueTask<NodeRecord?> FindAnyAsync(string role, CancellationToken cancellation)
    {
        var live = (await store.GetPlacementsAsync(NodeRecord.Keys(role), cancellation)).Values.Select(NodeRecord.FromText).OfType<NodeRecord>().ToList();
        var ready = live.Where(n => !n.Draining).ToList();
        if (ready.Count == 0) ready = live;
        return ready.Count == 0 ? null : ready[random.NextInt(ready.Count)];
    }
}
