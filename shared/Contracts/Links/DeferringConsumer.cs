namespace JitsiMesh.Contracts.Links;

/// <summary>A consumer that makes envelopes safe in batches: an envelope leaves the queue when its receipt is completed, not when the call ends.</summary>
public interface IDeferringConsumer : ILinkConsumer
{
    /// <summary>
    /// Called instead of <see cref="ILinkConsumer.ConsumeAsync"/>: one at a time, in order; duplicate deliveries are already dropped. The consumer completes the receipt once, later, from any thread, in any order.
    /// An envelope whose receipt is not completed when the consumer has ended (its process died, or it was disposed) is delivered again, in order, to the queue's next consumer.
    /// </summary>
    ValueTask TakeAsync(LinkQueue queue, StanzaEnvelope envelope, ILinkReceipt receipt, CancellationToken cancellation);
}

/// <summary>One envelope that a consumer has taken and that is still in its queue.</summary>
public interface ILinkReceipt
{
    /// <summary>The envelope may leave the queue. Any thread; a second call has no effect. It never throws and never blocks.</summary>
    void Complete();
}
