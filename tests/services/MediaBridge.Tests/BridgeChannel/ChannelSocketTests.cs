using System.Net.WebSockets;
using JitsiMesh.MediaBridge.BridgeChannel;

namespace JitsiMesh.MediaBridge.Tests.BridgeChannel;

public class ChannelSocketTests
{
    [Fact]
    public async Task The_end_of_the_request_is_not_held_up_by_a_message_that_nobody_handles()
    {
        using var ended = new CancellationTokenSource();
        using var client = new TalkativeSocket();
        var waiting = new TaskCompletionSource();
        var handedOver = new TaskCompletionSource();
        var running = new ChannelSocket(client).RunAsync(
            _ =>
            {
                handedOver.SetResult();
                return waiting.Task;
            },
            _ => throw new InvalidOperationException("nothing is to be rejected"),
            ended.Token);
        await handedOver.Task.WaitAsync(TimeSpan.FromSeconds(10));

        // As when the bridge stops with the message still in its queue.
        await ended.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(waiting.Task.IsCompleted);
    }

    [Fact]
    public async Task A_message_that_is_passed_over_is_waited_for_like_any_other()
    {
        using var ended = new CancellationTokenSource();
        using var client = new TalkativeSocket(WebSocketMessageType.Binary);
        var waiting = new TaskCompletionSource();
        var rejected = new TaskCompletionSource<ChannelRejection>();
        var running = new ChannelSocket(client).RunAsync(
            _ => throw new InvalidOperationException("nothing is to be handed over"),
            reason =>
            {
                // A second one would throw.
                rejected.SetResult(reason);
                return waiting.Task;
            },
            ended.Token);
        Assert.Equal(ChannelRejection.NotText, await rejected.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.False(running.IsCompleted);
        await ended.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>A client that has one more message, always.</summary>
    private sealed class TalkativeSocket(WebSocketMessageType type = WebSocketMessageType.Text) : WebSocket
    {
        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public override void Abort()
        {
        }

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Dispose()
        {
        }

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
        {
            "{}"u8.CopyTo(buffer);
            return Task.FromResult(new WebSocketReceiveResult(2, type, true));
        }

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
