using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links;

/// <summary>What one consumer of a queue in memory has taken and not made safe yet, in order.</summary>
internal sealed class InMemoryReceipts : IDisposable
{
    private readonly LinkedList<StanzaEnvelope> _taken = new();
    private readonly SemaphoreSlim _room = new(LinkLimits.DeferredEnvelopes);
    private bool _isOver;

    /// <summary>Ends when one more may be taken.</summary>
    public Task WaitAsync(CancellationToken cancellation) => _room.WaitAsync(cancellation);

    /// <summary>Nothing was taken after all.</summary>
    public void GiveRoom() => _room.Release();

    public ILinkReceipt Take(StanzaEnvelope envelope)
    {
        lock (_taken) return new Receipt(this, _taken.AddLast(envelope));
    }

    /// <summary>What is not safe, for the next consumer. Receipts have no effect from here on.</summary>
    public IReadOnlyList<StanzaEnvelope> TakeBack()
    {
        lock (_taken)
        {
            _isOver = true;
            return [.. _taken];
        }
    }

    public void Dispose() => _room.Dispose();

    private void Complete(LinkedListNode<StanzaEnvelope> node)
    {
        lock (_taken)
        {
            if (_isOver || node.List is null) return;
            _taken.Remove(node);
            _room.Release();
        }
    }

    private sealed class Receipt(InMemoryReceipts receipts, LinkedListNode<StanzaEnvelope> node) : ILinkReceipt
    {
        public void Complete() => receipts.Complete(node);
    }
}
