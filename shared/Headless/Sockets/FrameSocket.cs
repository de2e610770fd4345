using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace JitsiMesh.Headless.Sockets;

/// <summary>A client WebSocket for text frames: one reader, one writer, in order.</summary>
internal sealed class FrameSocket : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly Channel<string> _outgoing = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private Task _tasks = Task.CompletedTask;
    private int _disposed;

    private FrameSocket()
    {
    }

    /// <param name="address">ws or wss.</param>
    /// <param name="protocol">The subprotocol, or null.</param>
    /// <param name="trustAny">Accepts self-signed certificates.</param>
    /// <param name="cancellation">Bounds the opening.</param>
    /// <exception cref="WebSocketException">It could not be opened.</exception>
    public static async Task<FrameSocket> OpenAsync(Uri address, string? protocol, bool trustAny, CancellationToken cancellation)
    {
        var socket = new FrameSocket();
        if (protocol is not null) socket._socket.Options.AddSubProtocol(protocol);
        socket._socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(20);
#pragma warning disable CA5359 // Only on the caller's request: to test a server with a self-signed certificate.
        if (trustAny) socket._socket.Options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        try
        {
            await socket._socket.ConnectAsync(address, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket._socket.Dispose();
            throw;
        }
    }

    /// <summary>Starts to read. <paramref name="closed"/> is called once, whatever ends the connection.</summary>
    public void Start(Action<string> received, Action closed) => _tasks = Task.WhenAll(Task.Run(() => ReadAsync(received, closed)), Task.Run(WriteAsync));

    public void Send(string frame) => _outgoing.Writer.TryWrite(frame);

    /// <summary>Aborts the connection without a close frame, like a network failure.</summary>
    public void Cut()
    {
        _outgoing.Writer.TryComplete();
        _socket.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        // Queued frames are sent first: a leave should arrive.
        _outgoing.Writer.TryComplete();
        await Task.WhenAny(_tasks, Task.Delay(TimeSpan.FromMilliseconds(500))).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        _socket.Abort();
        await Task.WhenAny(_tasks, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(Action<string> received, Action closed)
    {
        var buffer = new byte[16 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(buffer.AsMemory(), _stop.Token).ConfigureAwait(false);
                if (result.MessageType == WebSocketMessageType.Close) break;
                message.Write(buffer, 0, result.Count);
                if (!result.EndOfMessage) continue;
                var text = Encoding.UTF8.GetString(message.GetBuffer(), 0, (int)message.Length);
                message.SetLength(0);
                received(text);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Ended: by the other side, by Cut, or by the end of us all.
        }
        finally
        {
            _outgoing.Writer.TryComplete();
            closed();
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var frame in _outgoing.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                await _socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, _stop.Token).ConfigureAwait(false);
            }

            if (_socket.State == WebSocketState.Open) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader reports the end.
        }
    }
}
