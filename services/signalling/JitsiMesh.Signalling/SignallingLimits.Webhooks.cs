namespace JitsiMesh.Signalling;

/// <summary>The bounds of events of rooms, and of the webhooks that tell them.</summary>
public static partial class SignallingLimits
{
    /// <summary>Hexadecimal digits of an event's id.</summary>
    public const int RoomEventIdDigits = 32;

    /// <summary>UTF-16 units of a participant's user id in an event; the rest is cut.</summary>
    public const int RoomEventUserIdLength = 256;

    /// <summary>Events of one partition's rooms that could not be kept yet, because the store is away; the oldest of the room that has most goes first.</summary>
    public const int UnkeptRoomEvents = 4_096;

    /// <summary>Events that are kept at once; what is left when one such call fails is tried again with it.</summary>
    public const int RoomEventBatch = Outboxes.OutboxLimits.BatchEntries;

    /// <summary>How long the rooms of a partition wait at most for their events to be kept; what is left comes after <see cref="RoomEventPause"/>.</summary>
    public static readonly TimeSpan RoomEventTime = TimeSpan.FromSeconds(2);

    /// <summary>How long after a failure it is tried again to keep events.</summary>
    public static readonly TimeSpan RoomEventPause = TimeSpan.FromSeconds(1);

    /// <summary>Receivers of webhooks.</summary>
    public const int WebhookReceivers = 8;

    /// <summary>Octets of a receiver's answer that are read, for its connection's sake; what it says is of no interest.</summary>
    public const int WebhookAnswerOctets = 4 * 1024;

    /// <summary>Events that wait for one receiver; of more the oldest are given up, counted as <c>full</c>.</summary>
    public const int WaitingWebhooks = 10_000;

    /// <summary>Webhooks on their way to one receiver at once, each of another room.</summary>
    public const int WebhooksAtOnce = 8;

    /// <summary>The pause after the first failure of an event; each further one is twice as long.</summary>
    public static readonly TimeSpan FirstWebhookPause = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause between two tries of an event, also where the receiver asks for a longer one.</summary>
    public static readonly TimeSpan LongestWebhookPause = TimeSpan.FromMinutes(10);

    /// <summary>What a try may take beyond the time that its request has.</summary>
    public static readonly TimeSpan WebhookMargin = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing is sent to a receiver that says 410 (Gone); what waits for it is given up.</summary>
    public static readonly TimeSpan WebhookGoneTime = TimeSpan.FromHours(1);

    /// <summary>Receivers of former settings for which what waits is given up at one start; the next start sees to more.</summary>
    public const int FormerWebhookReceivers = 64;
}
