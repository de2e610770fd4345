using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links;

/// <summary>Takes envelopes out of one queue, one at a time, until disposed; what it has not begun stays in the queue.</summary>
internal sealed class InMemoryPump : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly InMemoryQueue _queue;
    private readonly InMemoryReceipts? _receipts;
    private readonly Task _loop;

    public InMemoryPump(InMemoryQueue queue, LinkDelivery delivery)
    {
        _queue = queue;
        _receipts = delivery.IsDeferring ? new InMemoryReceipts() : null;
        _loop = Task.Run(() => RunAsync(queue, delivery));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        if (_receipts is not null)
        {
            _queue.Return(_receipts.TakeBack());
            _receipts.Dispose();
        }

        _stop.Dispose();
    }

    private async Task RunAsync(InMemoryQueue queue, LinkDelivery delivery)
    {
        try
        {
            while (await queue.WaitToReadAsync(_stop.Token))
            {
                while (!_stop.IsCancellationRequested)
                {
                    if (_receipts is not null) await _receipts.WaitAsync(_stop.Token);
                    if (!queue.TryRead(out var envelope))
                    {
                        _receipts?.GiveRoom();
                        break;
                    }

                    if (!await TryDeliverAsync(queue, delivery, envelope)) return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed while waiting.
        }
    }

    private async Task<bool> TryDeliverAsync(InMemoryQueue queue, LinkDelivery delivery, StanzaEnvelope envelope)
    {
        try
        {
            // Not cancelled midway: an envelope that was begun is finished, so that the next owner need not see it again.
            if (_receipts is null) await delivery.DeliverAsync(envelope, CancellationToken.None);
            else if (delivery.IsNew(envelope)) await delivery.HandAsync(envelope, _receipts.Take(envelope), CancellationToken.None);
            else _receipts.GiveRoom();
            return true;
        }
        catch (OwnershipLostException)
        {
            // The consumer has given the partition up, or another node has fenced it off: the envelope is the next owner's.
            queue.Return(envelope);
            return false;
        }
    }
}
