namespace JitsiMesh.Signalling.Outboxes;

/// <summary>Something that a system outside must be told, also when the process that has it to tell ends before.</summary>
public sealed record OutboxEntry
{
    /// <summary>Its name, 1 to <see cref="OutboxLimits.IdLength"/> UTF-16 units. Put again under the same id, while it waits, it is the same entry.</summary>
    public required string Id { get; init; }

    /// <summary>Who delivers it: 1 to <see cref="OutboxLimits.KindLength"/> lower-case ASCII letters, digits and '-'.</summary>
    public required string Kind { get; init; }

    /// <summary>Entries of one key are delivered one after another, in the order in which they were put. Empty for one that waits for no other.</summary>
    public string OrderKey { get; init; } = "";

    /// <summary>The payload, without the receiver's address and secrets: at most <see cref="OutboxLimits.PayloadLength"/> UTF-16 units.</summary>
    public required string Payload { get; init; }

    /// <summary>When it was put first; its age counts from here. The default is the time of the put.</summary>
    public DateTimeOffset FirstTime { get; init; }

    /// <summary>When it is to be delivered at the earliest. The default is at once.</summary>
    public DateTimeOffset DueTime { get; init; }

    /// <summary>Tries that have failed.</summary>
    public int Tries { get; init; }

    public override string ToString() => $"outbox entry of {Kind}";
}

/// <summary>What came of one try to deliver an entry.</summary>
public readonly record struct Delivery
{
    private Delivery(DeliveryOutcome outcome, string reason, DateTimeOffset? notBefore) => (Outcome, Reason, NotBefore) = (outcome, reason, notBefore);

    /// <summary>It was delivered.</summary>
    public static Delivery Done { get; } = new(DeliveryOutcome.Done, "done", null);

    public DeliveryOutcome Outcome { get; }

    /// <summary>For counters and logs: one of few fixed words.</summary>
    public string Reason { get; }

    /// <summary>The receiver asked for a pause until then. It is honoured up to <see cref="OutboxLimits.LongestPause"/>.</summary>
    public DateTimeOffset? NotBefore { get; }

    /// <summary>It is tried again, with back-off.</summary>
    public static Delivery Again(string reason, DateTimeOffset? notBefore = null) => new(DeliveryOutcome.Again, reason, notBefore);

    /// <summary>No other try would end in another way: it is given up.</summary>
    public static Delivery Never(string reason) => new(DeliveryOutcome.Never, reason, null);
}

public enum DeliveryOutcome
{
    Done,

    Again,

    Never,
}
