namespace JitsiMesh.Signalling.Sessions;

/// <summary>What the record of a session needs to be as new as the session: written in one change of its document.</summary>
public sealed class SessionUpdate
{
    /// <summary>Of the session's state that it describes; grows with each change.</summary>
    public required long Version { get; init; }

    /// <summary>The session without its unacknowledged stanzas.</summary>
    public required SavedSession Session { get; init; }

    /// <summary>Whether what seldom changes (address, context) has to be written too.</summary>
    public required bool HasCard { get; init; }

    /// <summary>The number (XEP-0198) of the first of <see cref="Fresh"/>.</summary>
    public required uint First { get; init; }

    /// <summary>Stanzas that the record does not have yet, one after another.</summary>
    public required IReadOnlyList<SavedStanza> Fresh { get; init; }

    /// <summary>Unacknowledged stanzas beyond these stay in the node's queue for now.</summary>
    public required bool HasRest { get; init; }

    /// <summary>What the record held before; the stanzas beyond it are fresh again where the update is not written.</summary>
    internal uint StoredBefore { get; init; }

    /// <summary>Envelopes that need their queue no longer once this is written.</summary>
    internal List<SharedReceipt> Receipts { get; init; } = [];
}

/// <summary>How soon a record is to be written.</summary>
public enum RecordHaste
{
    /// <summary>When the stanzas that stand in the node's queue have stood there for <see cref="SignallingLimits.UnacknowledgedInQueue"/>.</summary>
    Later,

    /// <summary>With others, within <see cref="SignallingLimits.RecordPeriod"/>.</summary>
    Soon,

    /// <summary>Frames for the client wait for it.</summary>
    AtOnce,
}

/// <summary>The record of a session is older than the session.</summary>
public sealed record RecordDue(RecordHaste Haste) : StreamEffect
{
    public static readonly RecordDue Later = new(RecordHaste.Later);
    public static readonly RecordDue Soon = new(RecordHaste.Soon);
    public static readonly RecordDue AtOnce = new(RecordHaste.AtOnce);
}
