using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links;

/// <summary>The last step of both implementations: drop what was delivered before, hand the rest to the consumer, survive what it throws.</summary>
internal sealed partial class LinkDelivery(LinkQueue queue, ILinkConsumer consumer, ILogger logger)
{
    private readonly DuplicateFilter _filter = new();

    public async ValueTask DeliverAsync(StanzaEnvelope envelope, CancellationToken cancellation)
    {
        switch (_filter.Check(envelope))
        {
            case Arrival.Duplicate:
                LinkMetrics.Duplicates.Add(1);
                return;
            case Arrival.AfterGap:
                LinkMetrics.Gaps.Add(1);
                LogGap(queue.Name, envelope.Sender, envelope.Sequence);
                break;
        }

        try
        {
            await consumer.ConsumeAsync(queue, envelope, cancellation);
            LinkMetrics.Consumed.Add(1);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (OwnershipLostException)
        {
            _filter.Undo(envelope);
            throw;
        }
        catch (Exception e)
        {
            // One bad envelope must neither stop the queue nor come again for ever.
            LinkMetrics.Failed.Add(1);
            LogFailed(e, queue.Name, envelope.Sender, envelope.Sequence);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Queue {Queue}: numbers are missing before {Sequence} of {Sender}")]
    private partial void LogGap(string queue, string sender, long sequence);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "Queue {Queue}: the consumer failed on {Sequence} of {Sender}; the envelope is dropped")]
    private partial void LogFailed(Exception exception, string queue, string sender, long sequence);
}
