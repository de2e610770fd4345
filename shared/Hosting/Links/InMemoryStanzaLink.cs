using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links;

/// <summary>The stanza link inside one process.</summary>
public sealed partial class InMemoryStanzaLink(InMemoryLinkHub hub, string nodeId, ILogger<InMemoryStanzaLink> logger) : IStanzaLink
{
    private readonly ConcurrentDictionary<string, Sender> _senders = new(StringComparer.Ordinal);

    public string NodeId => nodeId;

    public async ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(envelope.Stanza.Length, LinkLimits.StanzaCharacters, nameof(envelope));
        var sender = _senders.GetOrAdd(queue.Name, _ => new Sender(nodeId));
        await sender.Turn.WaitAsync(cancellation);
        try
        {
            var channel = hub.Queue(queue);

            StanzaEnvelope? numbered = null;
            while (await channel.Writer.WaitToWriteAsync(cancellation))
            {
                numbered ??= sender.Numbers.Number(envelope);
                if (!channel.Writer.TryWrite(numbered)) continue;
                LinkMetrics.Sent.Add(1);
                return;
            }
        }
        finally
        {
            sender.Turn.Release();
        }
    }

    public async ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default)
    {
        var queue = LinkQueue.Node(role, nodeId);
        await hub.Queue(queue).Consumer.WaitAsync(cancellation);
        return new NodeSubscription(hub.Queue(queue), new LinkDelivery(queue, consumer, logger));
    }

    public async ValueTask<IAsyncDisposable?> TakeOverNodeAsync(LinkQueue queue, Func<CancellationToken, ValueTask> begin, ILinkConsumer consumer, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(begin);
        if (!hub.Has(queue)) return null;
        var taken = hub.Queue(queue);
        try
        {
            await taken.Consumer.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        try
        {
            await begin(CancellationToken.None);
            return new NodeSubscription(taken, new LinkDelivery(queue, consumer, logger));
        }
        catch (Exception exception)
        {
            taken.Consumer.Release();
            LogNotTakenOver(exception, queue.Name);
            return null;
        }
    }

    public async ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default)
    {
        var member = new InMemoryPartitionMember(hub, role, nodeId, consumer, logger);
        await hub.JoinAsync(role, member, cancellation);
        return member;
    }

    [LoggerMessage(EventId = 23, Level = LogLevel.Warning, Message = "Queue {Queue} could not be taken over")]
    private partial void LogNotTakenOver(Exception exception, string queue);

    /// <summary>The consumer of a node's queue.</summary>
    private sealed class NodeSubscription(InMemoryQueue queue, LinkDelivery delivery) : IAsyncDisposable
    {
        private readonly InMemoryPump _pump = new(queue, delivery);
        private int _disposed;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
            await _pump.DisposeAsync();
            queue.Consumer.Release();
        }
    }

    private sealed class Sender(string nodeId)
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public RoomNumbers Numbers { get; } = new(nodeId);
    }
}
