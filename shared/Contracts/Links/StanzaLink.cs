namespace JitsiMesh.Contracts.Links;

/// <summary>
/// An ordered, lossless queue of envelopes with one consumer at a time. Either a partition's queue of a role (<c>signalling</c>, <c>focus</c>),
/// which moves between nodes, or one node's own.
/// </summary>
/// <param name="Name">For instance <c>focus.17</c> or <c>signalling.node.a1b2</c>.</param>
public readonly record struct LinkQueue(string Name)
{
    public static LinkQueue Partition(string role, int partition) => new($"{role}.{partition}");

    public static LinkQueue Node(string role, string nodeId) => new($"{role}.node.{nodeId}");
}

/// <summary>
/// The stanza link: ordered within each room, exactly once (docs/decisions: stanza link). In one process it is a channel, in a cluster
/// RabbitMQ queues with a single active consumer; one contract test runs on both.
/// </summary>
public interface IStanzaLink
{
    /// <summary>This process on the link: unique for each start of the process.</summary>
    string NodeId { get; }

    /// <summary>
    /// Sends one envelope. Envelopes for one queue are sent one after another; when the task completes the envelope is safely queued.
    /// Fills in <see cref="StanzaEnvelope.Sender"/> and <see cref="StanzaEnvelope.Sequence"/>, unless the sender has numbered the envelope.
    /// </summary>
    ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default);

    /// <summary>Consumes this node's own queue until disposed.</summary>
    ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default);

    /// <summary>
    /// Consumes the queue of another node, whose own consumer has ended, until disposed: what was sent to it since is still there. Waits for that node's consumer to end.
    /// </summary>
    /// <param name="queue">The node's queue, which must exist.</param>
    /// <param name="begin">Called once this node is the queue's consumer, before anything is consumed; where it throws, nothing is.</param>
    /// <param name="consumer">Gets what is in the queue.</param>
    /// <param name="cancellation">Gives the attempt up. It has no effect on a consumer that has begun.</param>
    /// <returns>Null where the queue is gone, is still consumed by another node when the attempt is given up, or <paramref name="begin"/> failed.</returns>
    ValueTask<IAsyncDisposable?> TakeOverNodeAsync(LinkQueue queue, Func<CancellationToken, ValueTask> begin, ILinkConsumer consumer, CancellationToken cancellation = default) =>
        ValueTask.FromResult<IAsyncDisposable?>(null);

    /// <summary>Takes part in owning the partitions of a role until disposed.</summary>
    ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default);
}

public interface ILinkConsumer
{
    /// <summary>
    /// Called one at a time, in order; duplicate deliveries are already dropped. The envelope leaves the queue when the task completes, so a
    /// consumer that must not lose it completes the task after writing through.
    /// </summary>
    ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation);
}

/// <summary>Thrown by a consumer when another node owns the partition: the envelope stays in the queue for that node.</summary>
public sealed class OwnershipLostException() : Exception("The partition is owned by another node.");

public interface IPartitionConsumer : ILinkConsumer
{
    /// <summary>For consumers that never give up a partition on their own.</summary>
    static readonly Task Never = new TaskCompletionSource().Task;

    /// <summary>This node owns the partition from now on; no envelope of it arrives before the task completes. The epoch grows with each owner.</summary>
    ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation);

    /// <summary>This node must no longer act for the partition.</summary>
    ValueTask LostAsync(int partition);

    /// <summary>
    /// Completes when the consumer has stopped acting for a partition without a call of <see cref="LostAsync"/>. The link, which asks after each <see cref="AcquiredAsync"/>, then takes the partition away
    /// from it, and lets it be acquired again, here or on another node.
    /// </summary>
    Task GivenUp(int partition) => Never;
}
