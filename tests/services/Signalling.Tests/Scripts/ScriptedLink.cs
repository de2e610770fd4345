using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>A link of one node that goes nowhere: it keeps what was sent, and fails as the script says.</summary>
public sealed class ScriptedLink(string nodeId = "n") : IStanzaLink
{
    private readonly List<(LinkQueue Queue, StanzaEnvelope Envelope)> _sent = [];

    public string NodeId => nodeId;

    /// <summary>Called before an envelope counts as sent: what it throws, the caller gets.</summary>
    public Action<LinkQueue, StanzaEnvelope>? Sending { get; set; }

    public IReadOnlyList<(LinkQueue Queue, StanzaEnvelope Envelope)> Sent
    {
        get
        {
            lock (_sent) return [.. _sent];
        }
    }

    public ValueTask SendAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation = default)
    {
        Sending?.Invoke(queue, envelope);
        lock (_sent) _sent.Add((queue, envelope));
        return ValueTask.CompletedTask;
    }

    public ValueTask<IAsyncDisposable> ConsumeNodeAsync(string role, ILinkConsumer consumer, CancellationToken cancellation = default) => throw new NotSupportedException();

    public ValueTask<IAsyncDisposable> ConsumePartitionsAsync(string role, IPartitionConsumer consumer, CancellationToken cancellation = default) => throw new NotSupportedException();
}
