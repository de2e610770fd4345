using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links;

/// <summary>One node's part in owning the partitions of a role.</summary>
internal sealed partial class InMemoryPartitionMember(InMemoryLinkHub hub, string role, string nodeId, IPartitionConsumer consumer, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    private readonly InMemoryPump?[] _pumps = new InMemoryPump?[Partitions.Count];
    private int _disposed;

    public string NodeId => nodeId;

    public async ValueTask AcquireAsync(int partition, long epoch)
    {
        await consumer.AcquiredAsync(partition, epoch, CancellationToken.None);
        var queue = LinkQueue.Partition(role, partition);
        var pump = new InMemoryPump(hub.Queue(queue), new LinkDelivery(queue, consumer, logger));
        _pumps[partition] = pump;
        _ = consumer.GivenUp(partition).ContinueWith(_ => ReclaimAsync(partition, pump), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
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

    private async Task ReclaimAsync(int partition, InMemoryPump pump)
    {
        if (!ReferenceEquals(_pumps[partition], pump)) return;
        for (var pause = FirstRetry; Volatile.Read(ref _disposed) == 0; pause = pause * 2 < LinkLimits.LongestRetry ? pause * 2 : LinkLimits.LongestRetry)
        {
            try
            {
                await hub.ReclaimAsync(role, this, partition);
                return;
            }
            catch (Exception e)
            {
                LogNotReclaimed(e, partition, role);
            }

            await Task.Delay(pause);
        }
    }

    [LoggerMessage(EventId = 22, Level = LogLevel.Warning, Message = "Partition {Partition} of {Role} could not be acquired anew; it is tried again")]
    private partial void LogNotReclaimed(Exception exception, int partition, string role);
}
