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

    /// <summary>Characters of a stanza. A longer one is refused by the sender's call; RabbitMQ takes far larger messages.</summary>
    public const int StanzaCharacters = 4 * 1024 * 1024;
}
