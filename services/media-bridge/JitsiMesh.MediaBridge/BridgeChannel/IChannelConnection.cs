namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>
/// One open colibri-ws connection, as the shard sees it. Both methods only enqueue: they are called on the shard's thread and must not block.
/// </summary>
public interface IChannelConnection
{
    void Send(byte[] utf8);

    /// <param name="code">WebSocket close code: 1000 replaced, 1001 the endpoint is gone.</param>
    /// <param name="reason">A few words for the client's log.</param>
    void Close(int code, string reason);
}
