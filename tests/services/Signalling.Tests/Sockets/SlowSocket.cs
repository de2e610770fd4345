using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace JitsiMesh.Signalling.Tests.Sockets;

/// <summary>A server's end of a WebSocket that hands over what it was given even after its reader has given up.</summary>
internal sealed class SlowSocket : WebSocket
{
    private readonly Channel<byte[]?> _incoming = Channel.CreateUnbounded<byte[]?>();
    private readonly Channel<string> _sent = Channel.CreateUnbounded<string>();

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Open;

    public override string? SubProtocol => "xmpp";

    public void Says(string frame) => _incoming.Writer.TryWrite(Encoding.UTF8.GetBytes(frame));

    public void Closes() => _incoming.Writer.TryWrite(null);

    public async Task<string> UntilAsync(string beginning)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var frame = await _sent.Reader.ReadAsync(limit.Token);
            if (frame.StartsWith(beginning, StringComparison.Ordinal)) return frame;
        }
    }

    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (await _incoming.Reader.ReadAsync(CancellationToken.None) is not { } frame) return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, true);
        frame.CopyTo(buffer);
        return new ValueWebSocketReceiveResult(frame.Length, WebSocketMessageType.Text, true);
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        _sent.Writer.TryWrite(Encoding.UTF8.GetString(buffer.Span));
        return ValueTask.CompletedTask;
    }

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Abort()
    {
        // What was received before is still handed over.
    }

    public override void Dispose()
    {
        // Nothing is held.
    }
}
