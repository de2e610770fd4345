using System.Net.WebSockets;
using System.Threading.Channels;

namespace JitsiMesh.MediaBridge.BridgeChannel;

/// <summary>A colibri-ws connection: a send queue that the shard writes to, and the two loops that read and write the WebSocket.</summary>
internal sealed class ChannelSocket(WebSocket socket) : IChannelConnection
{
    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(ChannelLimits.MaxQueuedMessages) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly TaskCompletionSource<(int Code, string Reason)> _close = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Messages that wait to be sent to the client.</summary>
    public int Queued => _outgoing.Reader.Count;

    public void Send(byte[] utf8) => _outgoing.Writer.TryWrite(utf8);

    public void Close(int code, string reason)
    {
        _close.TrySetResult((code, reason));
        _outgoing.Writer.TryComplete();
    }

    /// <summary>Runs until either side closes. Messages that are too long or not text are skipped; the connection stays open.</summary>
    /// <param name="onMessage">Handles a message, and completes when the next may be read: a client that writes faster than the bridge handles messages waits on its own connection.</param>
    /// <param name="onRejected">Called for a skipped message; the next message waits for it too.</param>
    /// <param name="cancellation">Cancels both loops.</param>
    public async Task RunAsync(Func<byte[], Task> onMessage, Func<ChannelRejection, Task> onRejected, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = SendLoopAsync(ended.Token);
        var receiving = ReceiveLoopAsync(onMessage, onRejected, ended.Token);
        try
        {
            await Task.WhenAny(sending, receiving);
            if (_close.Task.IsCompletedSuccessfully && socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await sending;
                var (code, reason) = await _close.Task;
                await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, ended.Token);
            }
            else if (socket.State == WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ended.Token);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client disconnected without a close frame; it reconnects by itself.
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendLoopAsync(CancellationToken cancellation)
    {
        await foreach (var message in _outgoing.Reader.ReadAllAsync(cancellation))
        {
            var flags = WebSocketMessageFlags.EndOfMessage | (message.Length < ChannelLimits.CompressFrom ? WebSocketMessageFlags.DisableCompression : WebSocketMessageFlags.None);
            await socket.SendAsync(message, WebSocketMessageType.Text, flags, cancellation);
        }
    }

    private async Task ReceiveLoopAsync(Func<byte[], Task> onMessage, Func<ChannelRejection, Task> onRejected, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var length = 0;
            var passedOver = 0L;
            var tooLong = false;
            ValueWebSocketReceiveResult result;
            do
            {
                if (length == buffer.Length && buffer.Length < ChannelLimits.MaxMessageBytes) Array.Resize(ref buffer, buffer.Length * 2);
                if (length == buffer.Length)
                {
                    tooLong = true;
                    passedOver += length;
                    length = 0;

                    // A few kB can inflate to any length: a genuine client does not send such a message.
                    if (passedOver > ChannelLimits.MaxPassedOverBytes)
                    {
                        await onRejected(ChannelRejection.TooLong).WaitAsync(cancellation);
                        Close((int)WebSocketCloseStatus.MessageTooBig, "message too long");
                        return;
                    }
                }

                result = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
                if (result.MessageType == WebSocketMessageType.Close) return;
                length += result.Count;
            }
            while (!result.EndOfMessage);

            var handled = tooLong ? onRejected(ChannelRejection.TooLong)
                : result.MessageType != WebSocketMessageType.Text ? onRejected(ChannelRejection.NotText)
                : onMessage(buffer.AsSpan(0, length).ToArray());
            await handled.WaitAsync(cancellation);
        }
    }
}
