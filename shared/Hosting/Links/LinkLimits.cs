namespace JitsiMesh.Hosting.Links;

/// <summary>The stanza link's bounds, and what happens at each.</summary>
public static class LinkLimits
{
    /// <summary>Envelopes waiting in one queue in memory. A sender into a full queue waits.</summary>
    public const int QueueCapacity = 100_000;

    /// <summary>Rooms that one sender numbers in one queue. Beyond it, the sender takes a new name and numbers anew.</summary>
    public const int NumberedRooms = 50_000;

    /// <summary>(Sender, room) pairs that a receiver remembers. Beyond it, the half not heard of for longest is forgotten, and a repeated delivery of theirs would pass.</summary>
    public const int RememberedRooms = 100_000;

    /// <summary>Envelopes that a consumer may have taken and not made safe yet. Beyond it, the queue waits.</summary>
    public const int DeferredEnvelopes = 16_384;

    /// <summary>Characters of a stanza. A longer one is refused by the sender's call; RabbitMQ takes far larger messages.</summary>
    public const int StanzaCharacters = 4 * 1024 * 1024;

    /// <summary>Octets of a message in a queue: the longest stanza as JSON escapes it, and its recipients. The sender's call fails beyond it, and what comes in longer is counted as unreadable and dropped.</summary>
    public const int MessageOctets = 32 * 1024 * 1024;

    /// <summary>
    /// Octets of a message that the connection takes in from the broker, RabbitMQ's own largest. With less, one longer message would end the connection, be delivered again and end it again for ever;
    /// so it is taken in and dropped. The brokers of docker-compose.yml and of the mesh script take no message beyond <see cref="MessageOctets"/>.
    /// </summary>
    public const int InboundOctets = 512 * 1024 * 1024;

    /// <summary>Longest pause between two tries of a subscription that fails for another reason than the broker's absence; it begins with 200 ms and doubles.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);
}
