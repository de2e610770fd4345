using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Http;

/// <summary>A stream in the frames of a WebSocket (RFC 7395).</summary>
/// <param name="socket">The socket, open.</param>
/// <param name="batch">What lies under it, where its frames can be gathered; otherwise null.</param>
public sealed class WebSocketTransport(WebSocket socket, BatchingStream? batch) : ClientTransport, IDisposable
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);

    public override OutboundFrame Close => StreamFrames.Close;

    public override int Waiting => batch?.Waiting ?? 0;

    public override async ValueTask<ClientInput> ReceiveAsync(int maximum, CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length) Grow(length);
            var result = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellation);
            // A socket closed without a closed stream is a broken connection: the session may be resumed (RFC 7395 section 3.6).
            if (result.MessageType == WebSocketMessageType.Close) return new ClientInput(ClientInputKind.Closed, 0);
            length += result.Count;
            if (length > maximum) return ClientInput.Refused("policy-violation", SessionEndReason.FrameTooBig);
            if (result.MessageType == WebSocketMessageType.Binary) return ClientInput.Refused("unsupported-encoding", SessionEndReason.BadFraming);
            if (!result.EndOfMessage) continue;
            return TryDecode(_buffer.AsSpan(0, length), out var text)
                ? new ClientInput(ClientInputKind.Frame, length) { Text = text }
                : ClientInput.Refused("unsupported-encoding", SessionEndReason.NotWellFormed);
        }
    }

    public override async ValueTask DrainAsync(CancellationToken cancellation)
    {
        while ((await socket.ReceiveAsync(_buffer.AsMemory(), cancellation)).MessageType != WebSocketMessageType.Close)
        {
            // What a client still says does not count.
        }
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellation) =>
        socket.SendAsync(frame, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellation);

    public override void BeginBatch() => batch?.Begin();

    public override ValueTask EndBatchAsync(CancellationToken cancellation) => batch?.EndAsync(cancellation) ?? ValueTask.CompletedTask;

    public override async Task CloseOutputAsync(SessionEndReason reason, CancellationToken cancellation)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(StatusOf(reason), null, cancellation);
    }

    public override void Abort() => socket.Abort();

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    private static WebSocketCloseStatus StatusOf(SessionEndReason reason) => reason switch
    {
        SessionEndReason.FrameTooBig => WebSocketCloseStatus.MessageTooBig,
        SessionEndReason.RateExceeded or SessionEndReason.UnacknowledgedQueueFull => WebSocketCloseStatus.PolicyViolation,
        SessionEndReason.BadFraming or SessionEndReason.NotWellFormed or SessionEndReason.RestrictedXml => WebSocketCloseStatus.ProtocolError,
        SessionEndReason.ShuttingDown => WebSocketCloseStatus.EndpointUnavailable,
        SessionEndReason.AuthUnreachable => WebSocketCloseStatus.EndpointUnavailable,
        SessionEndReason.InternalError => WebSocketCloseStatus.InternalServerError,
        _ => WebSocketCloseStatus.NormalClosure,
    };
}
