using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links;

/// <summary>Takes envelopes out of one queue, one at a time, until disposed; what it has not begun stays in the queue.</summary>
internal sealed class InMemoryPump : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public InMemoryPump(InMemoryQueue queue, LinkDelivery delivery) => _loop = Task.Run(() => RunAsync(queue, delivery));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(InMemoryQueue queue, LinkDelivery delivery)
    {
        try
        {
            while (await queue.WaitToReadAsync(_stop.Token))
            {
                while (!_stop.IsCancellationRequested && queue.TryRead(out var envelope))
                {
                    if (!await TryDeliverAsync(queue, delivery, envelope)) return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed while waiting.
        }
    }

    private static async Task<bool> TryDeliverAsync(InMemoryQueue queue, LinkDelivery delivery, StanzaEnvelope envelope)
    {
        try
        {
            // Not cancelled midway: an envelope that was begun is finished, so that the next owner need not see it again.
            await delivery.DeliverAsync(envelope, CancellationToken.None);
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
