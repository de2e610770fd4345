using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links;

/// <summary>One node's part in owning the partitions of a role.</summary>
internal sealed class InMemoryPartitionMember(InMemoryLinkHub hub, string role, string nodeId, IPartitionConsumer consumer, ILogger logger) : IAsyncDisposable
{
    private readonly InMemoryPump?[] _pumps = new InMemoryPump?[Partitions.Count];
    private int _disposed;

    public string NodeId => nodeId;

    public async ValueTask AcquireAsync(int partition, long epoch)
    {
        await consumer.AcquiredAsync(partition, epoch, CancellationToken.None);
        var queue = LinkQueue.Partition(role, partition);
        _pumps[partition] = new InMemoryPump(hub.Queue(queue).Reader, new LinkDelivery(queue, consumer, logger));
    }

    public async ValueTask LoseAsync(int partition)
    {
        if (_pumps[partition] is not { } pump) return;
        await pump.DisposeAsync();
        _pumps[partition] = null;
        await consumer.LostAsync(partition);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) await hub.LeaveAsync(role, this);
    }
}
