namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>One open colibri-ws connection for the shard. Both methods only enqueue: they are called on the shard's thread and must not block.</summary>
public interface IChannelConnection
{
    void Send(byte[] utf8);

    /// <param name="code">WebSocket close code: 1000 for a replaced connection, 1001 when the endpoint ended.</param>
    /// <param name="reason">A short text for the client's log.</param>
    void Close(int code, string reason);
}
