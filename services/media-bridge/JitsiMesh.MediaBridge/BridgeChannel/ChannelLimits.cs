namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>Bounds of the bridge channel.</summary>
public static class ChannelLimits
{
    /// <summary>A longer message is dropped and counted; real ones are a few kB (an EndpointMessage with a shared note is the largest).</summary>
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>Messages that wait for a slow WebSocket; beyond it the oldest is dropped. State messages come again with the next connect.</summary>
    public const int MaxQueuedMessages = 50;

    /// <summary>Names in one constraints or subscription list; the rest of the list is ignored.</summary>
    public const int MaxListedSources = 1000;

    /// <summary>JSON nesting; deeper messages are refused.</summary>
    public const int MaxDepth = 32;
}
