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
/// The stanza link: in order for each room, each once (docs/decisions: stanza link). In one process it is a channel, in a cluster
/// RabbitMQ queues with a single active consumer; one contract test runs on both.
/// </summary>
public interface IStanzaLink
{
    /// <summary>This process on the link: unique for each start.</summary>
    string NodeId { get; }

    /// <summary>
    /// Hands over one envelope. Calls for one queue are sent one after another; when the task ends the envelope is safe in the queue.
    /// <see cref="StanzaEnvelope.Sender"/> and <see cref="StanzaEnvelope.Sequence"/> are filled in here, unless the sender has numbered the envelope.
    /// </summary>
    ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default);

    /// <summary>Consumes this node's own queue until disposed.</summary>
    ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default);

    /// <summary>Takes part in owning the partitions of a role until disposed.</summary>
    ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default);
}

public interface ILinkConsumer
{
    /// <summary>
    /// Called one at a time, in order; repeated deliveries are already dropped. The envelope leaves the queue when the task ends, so a
    /// consumer that must not lose it ends the task after writing through.
    /// </summary>
    ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation);
}

/// <summary>A consumer found out that another node owns the partition: the envelope stays in the queue, for that one.</summary>
public sealed class OwnershipLostException() : Exception("The partition is owned by another node.");

public interface IPartitionConsumer : ILinkConsumer
{
    /// <summary>For consumers that never give up by themselves.</summary>
    static readonly Task Never = new TaskCompletionSource().Task;

    /// <summary>This node owns the partition from now on; no envelope of it arrives before the task ends. The epoch grows with each owner.</summary>
    ValueTask AcquiredAsync(int partition, long epoch, CancellationToken cancellation);

    /// <summary>This node must not act for the partition any more.</summary>
    ValueTask LostAsync(int partition);

    /// <summary>
    /// Ends when the consumer has stopped acting for a partition that it was not told to have lost. The link, which asks after each <see cref="AcquiredAsync"/>, then takes the partition away
    /// from it, and lets it be acquired anew, here or on another node.
    /// </summary>
    Task GivenUp(int partition) => Never;
}
