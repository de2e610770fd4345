using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links;

/// <summary>The stanza link inside one process.</summary>
public sealed class InMemoryStanzaLink(InMemoryLinkHub hub, string nodeId, ILogger<InMemoryStanzaLink> logger) : IStanzaLink
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

    public ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default)
    {
        var queue = LinkQueue.Node(role, nodeId);
        return ValueTask.FromResult<IAsyncDisposable>(new InMemoryPump(hub.Queue(queue), new LinkDelivery(queue, consumer, logger)));
    }

    public async ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default)
    {
        var member = new InMemoryPartitionMember(hub, role, nodeId, consumer, logger);
        await hub.JoinAsync(role, member, cancellation);
        return member;
    }

    private sealed class Sender(string nodeId)
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public RoomNumbers Numbers { get; } = new(nodeId);
    }
}
