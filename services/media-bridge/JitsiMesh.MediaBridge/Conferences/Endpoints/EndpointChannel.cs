using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>
/// The bridge channel of one endpoint, over a WebSocket, an SCTP data channel, or both: messages are sent over the one that last delivered a message. Without either, messages
/// are dropped; the state is repeated when one connects.
/// </summary>
internal sealed class EndpointChannel(BridgeEndpoint endpoint)
{
    private const int NoChannel = -1;
    private IChannelConnection? _socket;
    private int _dataChannel = NoChannel;
    private bool _preferData;

    /// <summary>The client's messages pass through this gate.</summary>
    public ChannelGate Gate { get; } = new(endpoint);

    public bool IsConnected => _socket is not null || _dataChannel != NoChannel;

    public string Kind => _dataChannel != NoChannel && (_preferData || _socket is null) ? "sctp" : _socket is not null ? "websocket" : "none";

    /// <summary>A WebSocket opened: it replaces an earlier one.</summary>
    public void OnSocketOpened(IChannelConnection socket, MonotonicTime now)
    {
        var replaced = _socket;
        _socket = socket;
        _preferData = false;
        replaced?.Close(1000, "replaced");
        Send(ChannelMessageWriter.ServerHello(), now);
        endpoint.OnChannelConnected(now);
    }

    public void OnSocketClosed(IChannelConnection socket)
    {
        if (ReferenceEquals(_socket, socket)) _socket = null;
    }

    /// <summary>The client opened a data channel. Only one is allowed; a further one is refused.</summary>
    public bool OnDataChannelOpened(int id, MonotonicTime now)
    {
        if (_dataChannel != NoChannel && _dataChannel != id)
        {
            endpoint.Counters.RejectedDataChannels++;
            return false;
        }

        _dataChannel = id;
        _preferData = true;
        endpoint.OnChannelConnected(now);
        return true;
    }

    public void OnDataChannelClosed(int id)
    {
        if (_dataChannel == id) _dataChannel = NoChannel;
    }

    public void OnDataChannelsLost() => _dataChannel = NoChannel;

    public void OnMessage(ReadOnlyMemory<byte> utf8, bool overData, MonotonicTime now)
    {
        _preferData = overData;
        endpoint.Counters.ChannelMessagesReceived++;
        Gate.OnMessage(utf8, now);
    }

    /// <summary>A message that the WebSocket rejected.</summary>
    public void OnRejected(ChannelRejection reason)
    {
        endpoint.Counters.ChannelMessagesReceived++;
        endpoint.Counters.Reject(reason);
    }

    /// <summary>An exception here is attributed to the receiver: the sender of the message and its other receivers are not affected.</summary>
    public void Send(byte[] utf8, MonotonicTime now)
    {
        try
        {
            if (TrySend(utf8, now)) endpoint.Counters.ChannelMessagesSent++;
        }
        catch (Exception e)
        {
            endpoint.Shard.Blame(endpoint, ShardFault.Channel, e);
        }
    }

    public void Close(int code, string reason)
    {
        _socket?.Close(code, reason);
        _socket = null;
        _dataChannel = NoChannel;
    }

    private bool TrySend(byte[] utf8, MonotonicTime now)
    {
        if (_dataChannel != NoChannel && (_preferData || _socket is null))
        {
            if (!endpoint.Transport.SendChannelMessage(_dataChannel, utf8, isText: true, now)) return false;
            endpoint.FlushTransport();
            return true;
        }

        _socket?.Send(utf8);
        return _socket is not null;
    }
}
