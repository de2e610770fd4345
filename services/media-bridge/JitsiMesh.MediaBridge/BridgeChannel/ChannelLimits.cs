namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>Bounds of the bridge channel.</summary>
public static class ChannelLimits
{
    /// <summary>The maximum length of a message; a longer one is dropped and counted. Real messages have a few kB (an EndpointMessage with a shared note is the largest).</summary>
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>A WebSocket message of this length closes the connection; counted after inflation.</summary>
    public const long MaxPassedOverBytes = 4 * 1024 * 1024;

    /// <summary>Shorter messages are sent uncompressed: deflating them costs more than it saves.</summary>
    public const int CompressFrom = 256;

    /// <summary>Messages that wait for a slow WebSocket; beyond it the oldest is dropped. State messages are repeated when the channel connects again.</summary>
    public const int MaxQueuedMessages = 50;

    /// <summary>Names in one constraints or subscription list; the rest of the list is ignored.</summary>
    public const int MaxListedSources = 1000;

    /// <summary>The maximum length of a source name or endpoint id. In a list a longer one is ignored; elsewhere the message is refused.</summary>
    public const int MaxNameLength = 256;

    /// <summary>JSON nesting; deeper messages are refused.</summary>
    public const int MaxDepth = 32;

    /// <summary>Messages per second of one client. The most frequent use is remote control of a desktop: one message for each frame with a pointer movement.</summary>
    public const double MessagesPerSecond = 200;

    public const double MessageBurst = 400;

    /// <summary>A longer message counts as several.</summary>
    public const double BytesPerMessage = 4096;

    /// <summary>A layout message beyond the rate that is longer than this is dropped unread and counted; a shorter one is still read, because only the last one counts.</summary>
    public const int MaxWishBytesBeyondRate = 4096;

    /// <summary>The bytes read of one client's messages per second; further messages are dropped unread and counted, layout messages too.</summary>
    public const double ReadBytesPerSecond = 1024 * 1024;

    public const double ReadBurstBytes = 4 * 1024 * 1024;

    /// <summary>The fixed cost of reading a message, in bytes, in addition to its length.</summary>
    public const int ReadOverhead = 256;

    /// <summary>Channel openings of one client that are answered with the complete state; beyond it the last opening waits for its turn.</summary>
    public const double ReplaysPerSecond = 1;

    /// <summary>Allows the first opening and a genuine reopening at once.</summary>
    public const double ReplayBurst = 2;

    /// <summary>Clients that wait for the loop's decision about opening a channel; a further one is refused with 503.</summary>
    public const int MaxPendingOpenings = 64;

    /// <summary>Settings messages of one client: layouts, lastN, audio subscriptions, video types. Each causes work for others; beyond the rate the last one waits.</summary>
    public const double WishesPerSecond = 20;

    public const double WishBurst = 60;

    /// <summary>What one client's messages may make the bridge send to others: bytes times receivers.</summary>
    public const double ForwardedBytesPerSecond = 1024 * 1024;

    public const double ForwardedBurstBytes = 8 * 1024 * 1024;

    /// <summary>The fixed cost of a message for each receiver, in bytes, in addition to its length.</summary>
    public const int ForwardingOverhead = 100;
}
