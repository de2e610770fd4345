using System.Threading.Channels;
using JitsiMesh.Contracts.Links;

namespace JitsiMesh.Hosting.Links;

/// <summary>Takes envelopes out of one queue, one at a time, until disposed; what it has not begun stays in the queue.</summary>
internal sealed class InMemoryPump : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public InMemoryPump(ChannelReader<StanzaEnvelope> reader, LinkDelivery delivery) => _loop = Task.Run(() => RunAsync(reader, delivery));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync(ChannelReader<StanzaEnvelope> reader, LinkDelivery delivery)
    {
        try
        {
            while (await reader.WaitToReadAsync(_stop.Token))
            {
                while (!_stop.IsCancellationRequested && reader.TryRead(out var envelope))
                {
                    // Not cancelled midway: an envelope that was begun is finished, so that the next owner need not see it again.
                    await delivery.DeliverAsync(envelope, CancellationToken.None);
                }
            }
        }
        catch (OwnershipLostException)
        {
            // In one process ownership moves in order, so this is only a node that another has fenced off in a test: it stops.
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed while waiting.
        }
    }
}
