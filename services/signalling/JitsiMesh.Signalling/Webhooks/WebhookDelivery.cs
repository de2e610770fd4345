using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Outboxes;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>One receiver, and how it fares on the instance that tells it: one line when it begins to fail, and one when it takes webhooks again.</summary>
internal sealed partial class WebhookDelivery(WebhookReceiver receiver, WebhookSender sender, MeshClock clock, SignallingMetrics metrics, ILogger<WebhookDelivery> logger)
{
    private readonly Lock _gate = new();
    private MonotonicTime _gone = MonotonicTime.Zero;
    private DateTimeOffset? _failsSince;
    private DateTimeOffset? _lastTaken;
    private string _said = "";

    public WebhookReceiver Receiver => receiver;

    /// <summary>What waits for this receiver is a kind of the outbox of its own: one that is down or slow keeps nothing from the others.</summary>
    public string Kind => KindPrefix + receiver.Key;

    public const string KindPrefix = "webhook-";

    /// <summary>Since when it takes none, and what it says; null where it takes them, or was not tried here.</summary>
    public (DateTimeOffset Since, string Said)? Trouble
    {
        get
        {
            lock (_gate) return _failsSince is { } since ? (since, _said) : null;
        }
    }

    /// <summary>It has said 410, and is not asked for a while.</summary>
    public bool IsGone
    {
        get
        {
            lock (_gate) return clock.Now.Now < _gone;
        }
    }

    /// <summary>When it took one here; null for never.</summary>
    public DateTimeOffset? LastTaken
    {
        get
        {
            lock (_gate) return _lastTaken;
        }
    }

    public async Task<Delivery> DeliverAsync(OutboxEntry entry, CancellationToken cancellation)
    {
        if (IsGone) return Delivery.Never("gone");
        var answer = await sender.SendAsync(receiver, entry.Id, entry.Payload, cancellation);
        var read = WebhookAnswer.Of(answer);
        Note(read, WebhookAnswer.Describe(answer, read));
        if (read.Outcome == WebhookOutcome.Taken)
        {
            metrics.WebhookSent(receiver.Name);
            return Delivery.Done;
        }

        metrics.WebhookFailed(receiver.Name, read.Reason);
        return read.Outcome == WebhookOutcome.Gone ? Delivery.Never(read.Reason) : Delivery.Again(read.Reason, read.Wait is { } wait ? clock.Now.Utc + wait : null);
    }

    private void Note(WebhookAnswer read, string said)
    {
        lock (_gate)
        {
            var now = clock.Now;
            if (read.Outcome == WebhookOutcome.Taken)
            {
                _lastTaken = now.Utc;
                if (_failsSince is { } since) LogTakes(receiver.Name, (long)(now.Utc - since).TotalSeconds);
                (_failsSince, _said) = (null, "");
                return;
            }

            // Several tries may be under way when the first of them is told that there is nobody any more.
            if (read.Outcome == WebhookOutcome.Gone && now.Now >= _gone)
            {
                _gone = now.Now + SignallingLimits.WebhookGoneTime;
                LogGone(receiver.Name, SignallingLimits.WebhookGoneTime.TotalMinutes);
            }
            else if (_failsSince is null)
            {
                LogFails(receiver.Name, said);
            }

            _failsSince ??= now.Utc;
            _said = said;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Webhooks: {Receiver} took none ({Said}); what it misses waits and is tried again")]
    private partial void LogFails(string receiver, string said);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Webhooks: {Receiver} takes them again, after {Seconds} s")]
    private partial void LogTakes(string receiver, long seconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Webhooks: {Receiver} wants no more (status 410); nothing is sent to it for {Minutes} min, and what happens meanwhile it does not get")]
    private partial void LogGone(string receiver, double minutes);
}
