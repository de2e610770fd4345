using System.Threading.Channels;
using JitsiMesh.Contracts.Links;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace JitsiMesh.Hosting.Links.RabbitMq;

/// <summary>What a consumer of a partition's queue tells its owner.</summary>
internal interface IQueueOwnership
{
    /// <summary>The broker has made this consumer the active one. Nothing is delivered before the task ends; cancelled when the subscription breaks.</summary>
    ValueTask AcquiredAsync(CancellationToken cancellation);

    ValueTask LostAsync();

    /// <summary>Ends when the consumer has stopped by itself: the subscription ends with it, and another begins. Asked after each acquisition.</summary>
    Task GivenUp { get; }

    /// <summary>The queue must be there already when this consumer comes: one made now would lack what was sent before.</summary>
    bool NeedsExisting => false;
}

/// <summary>
/// Consumes one queue, one envelope at a time, until disposed; subscribes again whenever the connection breaks. Of several consumers of a
/// queue the broker keeps one active. AMQP 0.9.1 does not tell a consumer that it is, so a partition's consumer sends probes into the queue
/// until something is delivered to it: only the active one is delivered anything.
/// </summary>
internal sealed partial class RabbitQueueConsumer : IAsyncDisposable
{
    private const string ProbeType = "probe";

    /// <summary>Envelopes that the broker hands over ahead. They stay unacknowledged, and go back in order when the subscription ends.</summary>
    private const ushort Prefetch = 16;

    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    private readonly LinkQueue _queue;
    private readonly ILinkConsumer _consumer;
    private readonly IQueueOwnership? _ownership;
    private readonly RabbitConnection _connection;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LinkDelivery _delivery;
    private readonly RabbitReceipts? _receipts;
    private readonly Task _loop;
    private int _handled;

    public RabbitQueueConsumer(LinkQueue queue, ILinkConsumer consumer, IQueueOwnership? ownership, RabbitConnection connection, ILogger logger)
    {
        _queue = queue;
        _consumer = consumer;
        _ownership = ownership;
        _connection = connection;
        _logger = logger;
        _delivery = new LinkDelivery(queue, _consumer, logger);
        _receipts = _delivery.IsDeferring ? new RabbitReceipts() : null;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Ends when the queue exists and is consumed for the first time.</summary>
    public Task Subscribed => _subscribed.Task;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _receipts?.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = FirstRetry;
        while (!_stop.IsCancellationRequested)
        {
            IChannel? channel = null;
            var failed = false;
            try
            {
                channel = await _connection.OpenChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false), _stop.Token);
                await SubscribeAsync(channel);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Disposed.
            }
            catch (Exception e) when (RabbitConnection.IsBrokerGone(e, _stop.Token))
            {
                LogAgain(_queue.Name, e.Message);
            }
            catch (Exception e)
            {
                failed = true;
                LinkMetrics.SubscriptionsFailed.Add(1);
                LogFailed(e, _queue.Name);
            }
            finally
            {
                if (channel is not null) await RabbitConnection.DiscardAsync(channel);
            }

            // What fails by itself, and not because the broker is away, fails again at once: it is tried ever more slowly, until something was consumed.
            pause = !failed || Interlocked.Exchange(ref _handled, 0) > 0 ? FirstRetry : pause * 2 < LinkLimits.LongestRetry ? pause * 2 : LinkLimits.LongestRetry;
            if (!_stop.IsCancellationRequested) await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One subscription, from its beginning until it breaks or the consumer is disposed.</summary>
    private async Task SubscribeAsync(IChannel channel)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var prefetch = _receipts is null ? Prefetch : (ushort)LinkLimits.DeferredEnvelopes;
        _receipts?.Begin();
        var arrived = Channel.CreateBounded<Arrived>(new BoundedChannelOptions(prefetch * 2) { SingleReader = true });
        channel.ChannelShutdownAsync += (_, _) => CancelAsync(broken);
        if (_ownership?.NeedsExisting == true) await channel.QueueDeclarePassiveAsync(_connection.NameOf(_queue), broken.Token);
        else await RabbitQueues.DeclareAsync(channel, _connection.NameOf(_queue), _queue, broken.Token);
        await channel.BasicQosAsync(0, prefetch, global: false, broken.Token);
        var events = new AsyncEventingBasicConsumer(channel);
        events.ReceivedAsync += async (_, e) => await arrived.Writer.WriteAsync(new Arrived(e.DeliveryTag, e.BasicProperties.Type == ProbeType, e.Body.ToArray()), broken.Token);

        // Sent by the broker when it deletes the queue or loses its leader.
        events.UnregisteredAsync += (_, _) => CancelAsync(broken);
        await channel.BasicConsumeAsync(_connection.NameOf(_queue), autoAck: false, events, broken.Token);
        _subscribed.TrySetResult();
        var acknowledging = _receipts?.RunAsync(channel, broken.Token) ?? Task.CompletedTask;
        var owned = false;
        try
        {
            if (_ownership is not null)
            {
                await ProbeUntilActiveAsync(channel, arrived.Reader, broken.Token);
                await _ownership.AcquiredAsync(broken.Token);
                owned = true;
                _ = _ownership.GivenUp.ContinueWith(_ => CancelAsync(broken), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            while (await arrived.Reader.WaitToReadAsync(broken.Token))
            {
                while (!broken.IsCancellationRequested && arrived.Reader.TryRead(out var message)) await HandleAsync(channel, message, broken.Token);
            }
        }
        finally
        {
            // Before the subscription ends, so that the next owner begins after this one has stopped. When the connection broke this comes
            // late, and the epoch keeps this node's last writes out.
            if (owned) await _ownership!.LostAsync();
            await CancelAsync(broken);
            await acknowledging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_receipts is not null) await _receipts.AcknowledgeAsync(channel, CancellationToken.None);
        }
    }

    private async Task HandleAsync(IChannel channel, Arrived message, CancellationToken broken)
    {
        if (_receipts is not null)
        {
            await TakeAsync(message, _receipts);
            return;
        }

        if (!message.IsProbe)
        {
            if (EnvelopeCodec.TryDecode(message.Body, out var envelope))
            {
                // Not cancelled midway: an envelope that was begun is finished.
                await _delivery.DeliverAsync(envelope, CancellationToken.None);
            }
            else
            {
                LinkMetrics.Unreadable.Add(1);
                LogUnreadable(_queue.Name);
            }
        }

        Volatile.Write(ref _handled, 1);

        // Acknowledged even while stopping: it is done.
        if (channel.IsOpen) await channel.BasicAckAsync(message.Tag, multiple: false, CancellationToken.None);
    }

    private async Task TakeAsync(Arrived message, RabbitReceipts receipts)
    {
        Volatile.Write(ref _handled, 1);
        if (message.IsProbe)
        {
            receipts.Drop(message.Tag);
        }
        else if (!EnvelopeCodec.TryDecode(message.Body, out var envelope))
        {
            LinkMetrics.Unreadable.Add(1);
            LogUnreadable(_queue.Name);
            receipts.Drop(message.Tag);
        }
        else if (_delivery.IsNew(envelope))
        {
            await _delivery.HandAsync(envelope, receipts.Take(envelope, message.Tag), CancellationToken.None);
        }
        else
        {
            receipts.Again(envelope, message.Tag);
        }
    }

    private async Task ProbeUntilActiveAsync(IChannel channel, ChannelReader<Arrived> arrived, CancellationToken broken)
    {
        while (true)
        {
            await channel.BasicPublishAsync("", _connection.NameOf(_queue), mandatory: false, new BasicProperties { Type = ProbeType, Expiration = "2000" }, ReadOnlyMemory<byte>.Empty, broken);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(broken);
            pause.CancelAfter(ProbeEvery);
            try
            {
                await arrived.WaitToReadAsync(pause.Token);
                return;
            }
            catch (OperationCanceledException) when (!broken.IsCancellationRequested)
            {
                // Another node is active; ask again.
            }
        }
    }

    private static async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The subscription ended before its channel told so.
        }
    }

    [LoggerMessage(EventId = 13, Level = LogLevel.Debug, Message = "Queue {Queue}: subscribing again: {Reason}")]
    private partial void LogAgain(string queue, string reason);

    [LoggerMessage(EventId = 14, Level = LogLevel.Error, Message = "Queue {Queue}: the subscription failed; subscribing again")]
    private partial void LogFailed(Exception exception, string queue);

    [LoggerMessage(EventId = 15, Level = LogLevel.Warning, Message = "Queue {Queue}: a message that is no envelope is dropped")]
    private partial void LogUnreadable(string queue);

    private readonly record struct Arrived(ulong Tag, bool IsProbe, byte[] Body);
}
