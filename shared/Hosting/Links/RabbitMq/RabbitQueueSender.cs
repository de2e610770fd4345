using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>
/// Sends into one queue, one envelope at a time, each until the broker has confirmed it. When the connection breaks in between, the same
/// envelope with the same number is sent again, and a receiver that got it twice drops the second.
/// </summary>
internal sealed partial class RabbitQueueSender(LinkQueue queue, string nodeId, RabbitConnection connection, ILogger logger) : IAsyncDisposable
{
    /// <summary>A broker that confirms nothing for so long is treated as gone.</summary>
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(10);

    private const ushort PreconditionFailed = 406;

    private static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly RoomNumbers _numbers = new(nodeId);
    private readonly string _name = connection.NameOf(queue);
    private IChannel? _channel;

    /// <exception cref="OperationCanceledException">Cancelled, or the link ends: then nobody knows whether the broker has the envelope.</exception>
    public async ValueTask SendAsync(StanzaEnvelope envelope, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
        await _turn.WaitAsync(either.Token);
        try
        {
            var body = EnvelopeCodec.Encode(_numbers.Number(envelope));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, LinkLimits.MessageOctets, nameof(envelope));
            while (!await TrySendAsync(body, either.Token))
            {
                await DropChannelAsync();
            }

            LinkMetrics.Sent.Add(1);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A caller that waits for an absent broker must not keep the process from stopping.
        await _stop.CancelAsync();
        await _turn.WaitAsync();
        await DropChannelAsync();
        _turn.Dispose();
        _stop.Dispose();
    }

    private async Task<bool> TrySendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            _channel ??= await connection.OpenChannelAsync(Confirmed, cancellation);
            limit.CancelAfter(ConfirmTimeout);
            await _channel.BasicPublishAsync("", _name, mandatory: true, new BasicProperties { Persistent = true }, body, limit.Token);
            return true;
        }
        catch (PublishException e) when (e.IsReturn)
        {
            // Nobody has declared the queue yet. A node's own queue is declared by its node: without it, the node is gone and so are its sessions.
            if (RabbitQueues.IsNodeQueue(queue))
            {
                LogNodeGone(queue.Name);
                await DropChannelAsync();
                return true;
            }

            try
            {
                await RabbitQueues.DeclareAsync(_channel!, _name, queue, limit.Token);
            }
            catch (Exception inner) when (RabbitConnection.IsBrokerGone(inner, cancellation))
            {
                LogAgain(queue.Name, inner.Message);
            }

            return false;
        }
        catch (Exception e) when (RabbitConnection.IsBrokerGone(e, cancellation))
        {
            if (_channel?.CloseReason is { ReplyCode: PreconditionFailed } refusal && refusal.ReplyText.Contains("message size", StringComparison.Ordinal))
            {
                // A broker with a smaller bound than ours: sent again it would be refused again, and nothing behind it would ever be sent.
                LinkMetrics.TooLong.Add(1);
                LogTooLong(queue.Name, body.Length, refusal.ReplyText);
                await DropChannelAsync();
                return true;
            }

            LogAgain(queue.Name, e.Message);
            await Task.Delay(50, cancellation);
            return false;
        }
        catch
        {
            // Cancelled by the caller midway: what the channel still has under way must not mix with the next envelope.
            await DropChannelAsync();
            throw;
        }
    }

    private async Task DropChannelAsync()
    {
        if (_channel is not { } channel) return;
        _channel = null;
        await RabbitConnection.DiscardAsync(channel);
    }

    [LoggerMessage(EventId = 11, Level = LogLevel.Debug, Message = "Queue {Queue}: sending again: {Reason}")]
    private partial void LogAgain(string queue, string reason);

    [LoggerMessage(EventId = 12, Level = LogLevel.Debug, Message = "Queue {Queue}: its node is gone; the envelope is dropped")]
    private partial void LogNodeGone(string queue);

    [LoggerMessage(EventId = 21, Level = LogLevel.Error, Message = "Queue {Queue}: the broker does not take an envelope of {Octets} octets, which is dropped; its max_message_size must be 32 MiB or more: {Reason}")]
    private partial void LogTooLong(string queue, int octets, string reason);
}
