using System.Security.Cryptography;
using System.Text;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>
/// <c>/colibri-ws/{server}/{conference}/{endpoint}?pwd=…</c>: the address of another server is not found (404); an unknown conference or endpoint or a wrong password is
/// forbidden (403), without saying which. When too many clients wait, or the media loop accepts no more requests, the answer is unavailable (503).
/// </summary>
internal sealed class ChannelEndpoint(MediaBridgeRuntime runtime)
{
    private const string PasswordPrefix = "?pwd=";
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    /// <summary>A ping without an answer for this long ends the connection: together with the interval this is Jitsi's idle timeout of a minute.</summary>
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(45);

    private int _pending;

    public async Task HandleAsync(HttpContext context)
    {
        var route = context.Request.RouteValues;
        if (!context.WebSockets.IsWebSocketRequest || route["server"] as string != runtime.Options.BridgeId)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var query = context.Request.QueryString.Value ?? "";
        var password = query.StartsWith(PasswordPrefix, StringComparison.Ordinal) ? query[PasswordPrefix.Length..] : "";
        var conferenceId = (string)route["conference"]!;
        var endpointId = (string)route["endpoint"]!;
        if (TryAsk(conferenceId, endpointId, password) is not { } found)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var endpoint = await found.WaitAsync(context.RequestAborted);
        if (endpoint is null)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(AcceptContext());
        var channel = new ChannelSocket(socket);
        if (!runtime.TryPost((shard, now) => shard.Run(endpoint, ShardFault.Channel, () => endpoint.Channel.OnSocketOpened(channel, now), now))) return;
        await channel.RunAsync(
            message => HandOverAsync(endpoint, now => endpoint.Channel.OnMessage(message, overData: false, now)),
            reason => HandOverAsync(endpoint, _ => endpoint.Channel.OnRejected(reason)),
            context.RequestAborted);
        runtime.TryPost((_, _) => endpoint.Channel.OnSocketClosed(channel));
    }

    /// <summary>
    /// Uses permessage-deflate if the client offers it. The channel mixes no secrets of different clients, so lengths reveal nothing. Each message is compressed alone: a
    /// window for each of thousands of connections would cost more than it saves.
    /// </summary>
    internal static WebSocketAcceptContext AcceptContext() => new()
    {
        KeepAliveInterval = PingInterval,
        KeepAliveTimeout = PingTimeout,
        DangerousEnableCompression = true,
        DisableServerContextTakeover = true,
    };

    /// <summary>
    /// Asks the loop for the endpoint; null when the loop cannot be asked. The client has shown no password yet, so these questions have their own bound and leave the queue to
    /// control. A question counts until it is answered, even after its client disconnected.
    /// </summary>
    internal Task<BridgeEndpoint?>? TryAsk(string conferenceId, string endpointId, string password)
    {
        var found = Interlocked.Increment(ref _pending) > ChannelLimits.MaxPendingOpenings
            ? null
            : runtime.Ask((shard, _) => Find(shard, conferenceId, endpointId, password));
        if (found is null) Interlocked.Decrement(ref _pending);
        else _ = found.ContinueWith(_ => Interlocked.Decrement(ref _pending), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return found;
    }

    /// <summary>One message of a connection at a time waits for the loop: all connections and control share the queue.</summary>
    private Task HandOverAsync(BridgeEndpoint endpoint, Action<MonotonicTime> handle)
    {
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var posted = runtime.TryPost(
            (shard, now) =>
            {
                shard.Run(endpoint, ShardFault.Channel, () => handle(now), now);
                handled.TrySetResult();
            },
            _ => handled.TrySetResult());
        return posted ? handled.Task : Task.CompletedTask;
    }

    private static BridgeEndpoint? Find(BridgeShard shard, string conferenceId, string endpointId, string password)
    {
        var endpoint = shard.FindById(conferenceId)?.Find(endpointId);
        if (endpoint is null) return null;
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(password), Encoding.UTF8.GetBytes(endpoint.Setup.ChannelPassword)) ? endpoint : null;
    }
}
