using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Hosting.Settings;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>
/// The stanza link of a cluster: durable quorum queues with a single active consumer, one for each role and partition and one for each node.
/// While the broker is away senders wait; nothing that was confirmed is lost. An envelope whose consumer had ended before the
/// acknowledgement reached the broker is delivered to a next owner again, under its old number.
/// </summary>
public sealed class RabbitMqStanzaLink : IStanzaLink, IAsyncDisposable
{
    private readonly IMeshStore _store;
    private readonly ILogger<RabbitMqStanzaLink> _logger;
    private readonly RabbitConnection _sending;
    private readonly RabbitConnection _consuming;
    private readonly ConcurrentDictionary<string, RabbitQueueSender> _senders = new(StringComparer.Ordinal);

    /// <param name="broker">One node, or all nodes of one cluster.</param>
    /// <param name="nodeId">This node's id, unique for each start.</param>
    /// <param name="store">Where members, owners and epochs are kept.</param>
    /// <param name="logger">For what happens to the connections.</param>
    /// <param name="queuePrefix">Before every queue's name; all nodes of a mesh have the same.</param>
    public RabbitMqStanzaLink(BusAddress broker, string nodeId, IMeshStore store, ILogger<RabbitMqStanzaLink> logger, string queuePrefix = RabbitQueues.DefaultPrefix)
    {
        NodeId = nodeId;
        _store = store;
        _logger = logger;

        // Apart, so that a broker that holds back publishers does not hold back acknowledgements too.
        _sending = new RabbitConnection(broker, $"link {nodeId} sending", queuePrefix, logger);
        _consuming = new RabbitConnection(broker, $"link {nodeId} consuming", queuePrefix, logger);
    }

    public string NodeId { get; }

    public ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(envelope.Stanza.Length, LinkLimits.StanzaCharacters, nameof(envelope));
        return _senders.GetOrAdd(queue.Name, _ => new RabbitQueueSender(queue, NodeId, _sending, _logger)).SendAsync(envelope, cancellation);
    }

    public async ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default)
    {
        var subscription = new RabbitQueueConsumer(LinkQueue.Node(role, NodeId), consumer, null, _consuming, _logger);
        try
        {
            await subscription.Subscribed.WaitAsync(cancellation);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<IAsyncDisposable?> TakeOverNodeAsync(LinkQueue queue, Func<CancellationToken, ValueTask> begin, ILinkConsumer consumer, CancellationToken cancellation = default)
    {
        var takeover = new RabbitTakeover(queue, begin, _logger);
        var subscription = new RabbitQueueConsumer(queue, consumer, takeover, _consuming, _logger);
        try
        {
            if (await takeover.Begun.WaitAsync(cancellation)) return subscription;
        }
        catch (OperationCanceledException)
        {
            // Another node still consumes it, or it is gone; or it has begun in the last moment.
            if (!takeover.TryGiveUp() && await takeover.Begun) return subscription;
        }

        await subscription.DisposeAsync();
        return null;
    }

    public ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default) =>
        ValueTask.FromResult<IAsyncDisposable>(new RabbitPartitionMember(role, NodeId, consumer, _consuming, _store, _logger));

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders.Values) await sender.DisposeAsync();
        await _sending.DisposeAsync();
        await _consuming.DisposeAsync();
    }
}
