namespace JitsiMesh.Sctp;

/// <summary>Events that the owner has not taken yet.</summary>
internal sealed class EventQueue(SctpCounters counters)
{
    private readonly Queue<SctpEvent> _events = new();

    /// <summary>The size of the queued messages, counted against the receive window.</summary>
    internal int MessageBytes { get; private set; }

    internal void Raise(SctpEvent sctpEvent)
    {
        if (_events.Count >= SctpLimits.MaxQueuedEvents && sctpEvent is not AssociationDown)
        {
            counters.Count(SctpDrop.QueueFull);
            return;
        }

        _events.Enqueue(sctpEvent);
    }

    /// <summary>The receive window bounds messages, not <see cref="SctpLimits.MaxQueuedEvents"/>.</summary>
    internal void Deliver(ChannelMessage message)
    {
        MessageBytes += Cost(message);
        _events.Enqueue(message);
    }

    internal bool TryDequeue(out SctpEvent sctpEvent)
    {
        if (!_events.TryDequeue(out sctpEvent!)) return false;
        if (sctpEvent is ChannelMessage message) MessageBytes -= Cost(message);
        return true;
    }

    private static int Cost(ChannelMessage message) => message.Data.Length + SctpLimits.PieceOverhead;
}
