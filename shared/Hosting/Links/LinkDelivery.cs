using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Hosting.Links;

/// <summary>The last step of both implementations: drop what was delivered before, hand the rest to the consumer, survive what it throws.</summary>
internal sealed partial class LinkDelivery(LinkQueue queue, ILinkConsumer consumer, ILogger logger)
{
    private readonly DuplicateFilter _filter = new();

    /// <summary>Whether the consumer keeps envelopes in the queue until it has made them safe.</summary>
    public bool IsDeferring => consumer is IDeferringConsumer;

    public async ValueTask DeliverAsync(StanzaEnvelope envelope, CancellationToken cancellation)
    {
        if (IsNew(envelope)) await HandAsync(envelope, null, cancellation);
    }

    /// <summary>False for an envelope that was delivered before. Asked once for each delivery.</summary>
    public bool IsNew(StanzaEnvelope envelope)
    {
        switch (_filter.Check(envelope))
        {
            case Arrival.Duplicate:
                LinkMetrics.Duplicates.Add(1);
                return false;
            case Arrival.AfterGap:
                LinkMetrics.Gaps.Add(1);
                LogGap(queue.Name, envelope.Sender, envelope.Sequence);
                break;
        }

        return true;
    }

    /// <param name="envelope">One that is new.</param>
    /// <param name="receipt">For a consumer that acknowledges later; null for one that has done so when the task ends.</param>
    /// <param name="cancellation">Of the consumer's work.</param>
    public async ValueTask HandAsync(StanzaEnvelope envelope, ILinkReceipt? receipt, CancellationToken cancellation)
    {
        try
        {
            if (receipt is null) await consumer.ConsumeAsync(queue, envelope, cancellation);
            else await ((IDeferringConsumer)consumer).TakeAsync(queue, envelope, receipt, cancellation);
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
            receipt?.Complete();
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Queue {Queue}: numbers are missing before {Sequence} of {Sender}")]
    private partial void LogGap(string queue, string sender, long sequence);

    [LoggerMessage(EventId = 2, Level = LogLevel.Error, Message = "Queue {Queue}: the consumer failed on {Sequence} of {Sender}; the envelope is dropped")]
    private partial void LogFailed(Exception exception, string queue, string sender, long sequence);
}
