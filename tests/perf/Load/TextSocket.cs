using System.Net.WebSockets;
using System.Threading.Channels;

namespace JitsiMesh.Perf.Load;

/// <summary>A client's WebSocket for text frames as bytes: one reader, one writer, in order.</summary>
internal sealed class TextSocket : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly Channel<byte[]> _outgoing = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private Task _tasks = Task.CompletedTask;

    /// <summary>Sees each frame, on the reader's task; the bytes are its own only during the call.</summary>
    public delegate void FrameHandler(ReadOnlySpan<byte> frame);

    public bool IsClosed { get; private set; }

    public static async Task<TextSocket> OpenAsync(Uri address)
    {
        var socket = new TextSocket();
        socket._socket.Options.AddSubProtocol("xmpp");
        socket._socket.Options.KeepAliveInterval = TimeSpan.Zero;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await socket._socket.ConnectAsync(address, limit.Token);
        return socket;
    }

    public void Start(FrameHandler received) => _tasks = Task.WhenAll(Task.Run(() => ReadAsync(received)), Task.Run(WriteAsync));

    public void Send(byte[] frame) => _outgoing.Writer.TryWrite(frame);

    public async ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        await _stop.CancelAsync();
        _socket.Abort();
        await Task.WhenAny(_tasks, Task.Delay(TimeSpan.FromSeconds(2)));
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(FrameHandler received)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
                var result = await _socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token);
                if (result.MessageType == WebSocketMessageType.Close) break;
                length += result.Count;
                if (!result.EndOfMessage) continue;
                received(buffer.AsSpan(0, length));
                length = 0;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Ended by the server, or by us.
        }

        IsClosed = true;
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var frame in _outgoing.Reader.ReadAllAsync(_stop.Token)) await _socket.SendAsync(frame, WebSocketMessageType.Text, true, _stop.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The reader sees the end.
        }
    }
}
