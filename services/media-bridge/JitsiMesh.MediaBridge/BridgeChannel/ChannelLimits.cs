namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>Bounds of the bridge channel.</summary>
public static class ChannelLimits
{
    /// <summary>A longer message is dropped and counted; real ones are a few kB (an EndpointMessage with a shared note is the largest).</summary>
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>A message of which so much was passed over ends its WebSocket; counted after inflation.</summary>
    public const long MaxPassedOverBytes = 4 * 1024 * 1024;

    /// <summary>Shorter messages are sent as they are: deflating them costs more than it saves.</summary>
    public const int CompressFrom = 256;

    /// <summary>Messages that wait for a slow WebSocket; beyond it the oldest is dropped. State messages come again with the next connect.</summary>
    public const int MaxQueuedMessages = 50;

    /// <summary>Names in one constraints or subscription list; the rest of the list is ignored.</summary>
    public const int MaxListedSources = 1000;

    /// <summary>Characters of a source's or an endpoint's name; a longer one names nothing that there is. In a list it is ignored, alone it refuses the message.</summary>
    public const int MaxNameLength = 256;

    /// <summary>JSON nesting; deeper messages are refused.</summary>
    public const int MaxDepth = 32;

    /// <summary>Messages of one client. The liveliest is remote control of a desktop: one for each frame the pointer moves in.</summary>
    public const double MessagesPerSecond = 200;

    public const double MessageBurst = 400;

    /// <summary>A longer message counts as several.</summary>
    public const double BytesPerMessage = 4096;

    /// <summary>A wish beyond the rate of messages that is longer than this is dropped unread and counted; a shorter one is still read, since the last one counts.</summary>
    public const int MaxWishBytesBeyondRate = 4096;

    /// <summary>What is read of one client's messages; beyond it they are dropped unread and counted, wishes among them.</summary>
    public const double ReadBytesPerSecond = 1024 * 1024;

    public const double ReadBurstBytes = 4 * 1024 * 1024;

    /// <summary>Bytes that the reading of a message costs beside its own.</summary>
    public const int ReadOverhead = 256;

    /// <summary>Openings of one client's channels that are answered with the whole state; beyond it the last opening waits for its turn.</summary>
    public const double ReplaysPerSecond = 1;

    /// <summary>A first channel and a genuine reopening at once.</summary>
    public const double ReplayBurst = 2;

    /// <summary>Clients that ask to open a channel and wait for the loop to tell whether they may; a further one is refused with 503.</summary>
    public const int MaxPendingOpenings = 64;

    /// <summary>Wishes of one client: layouts, lastN, microphones, kinds of its sources. Each makes work for others; beyond it the last one waits.</summary>
    public const double WishesPerSecond = 20;

    public const double WishBurst = 60;

    /// <summary>What one client makes the bridge send to others: bytes times receivers.</summary>
    public const double ForwardedBytesPerSecond = 1024 * 1024;

    public const double ForwardedBurstBytes = 8 * 1024 * 1024;

    /// <summary>Bytes that a message costs each receiver beside its own.</summary>
    public const int ForwardingOverhead = 100;
}
