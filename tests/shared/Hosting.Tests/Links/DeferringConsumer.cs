using System.Collections.Concurrent;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Tests.Links;

/// <summary>Takes envelopes and completes their receipts when a test says so.</summary>
internal sealed class DeferringConsumer : IDeferringConsumer
{
    private readonly ConcurrentDictionary<long, ILinkReceipt> _receipts = new();

    /// <summary>The numbers in the order in which they came.</summary>
    public ConcurrentQueue<long> Taken { get; } = new();

    public ValueTask ConsumeAsync(LinkQueue queue, StanzaEnvelope envelope, CancellationToken cancellation) => throw new InvalidOperationException("It acknowledges later.");

    public ValueTask TakeAsync(LinkQueue queue, StanzaEnvelope envelope, ILinkReceipt receipt, CancellationToken cancellation)
    {
        _receipts[envelope.Sequence] = receipt;
        Taken.Enqueue(envelope.Sequence);
        return envelope.Stanza.Contains("throws", StringComparison.Ordinal) ? throw new InvalidOperationException("on purpose") : ValueTask.CompletedTask;
    }

    public void Complete(params IEnumerable<long> numbers)
    {
        foreach (var number in numbers) _receipts[number].Complete();
    }
}
