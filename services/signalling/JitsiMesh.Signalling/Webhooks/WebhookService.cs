using JitsiMesh.Contracts.Store;
using JitsiMesh.Signalling.Outboxes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>Tells each receiver what waits for it, while the host runs and it is this instance's turn; and gives up what waits for receivers that are set no more.</summary>
internal sealed partial class WebhookService(WebhookPlan plan, IReadOnlyList<WebhookDelivery> deliveries, Outbox outbox, IMeshStore store, SignallingMetrics metrics, ILogger<WebhookService> logger) : BackgroundService
{
    private const string StorePrefix = "outbox/" + WebhookDelivery.KindPrefix;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var problem in plan.Problems) LogProblem(problem);
        if (plan.IsOn)
        {
            if (logger.IsEnabled(LogLevel.Information)) LogOn(string.Join(", ", plan.Receivers), string.Join(", ", plan.Events.Order(StringComparer.Ordinal)));
            metrics.Observe("signalling.webhooks.waiting", "Events that wait for a receiver, on the instance that tells it", () => deliveries.Sum(delivery => (long)outbox.Waiting(delivery.Kind)));
        }

        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var limits = LimitsOf(plan);
        var runs = deliveries.Select(delivery => outbox.RunAsync(delivery.Kind, delivery.DeliverAsync, limits, stoppingToken)).ToList();
        // With problems it is not known who is meant: nothing is given up for a slip.
        if (plan.Problems.Count == 0)
        {
            foreach (var kind in await OthersAsync(stoppingToken)) runs.Add(outbox.RunAsync(kind, static (_, _) => Task.FromResult(Delivery.Never("not_set")), limits, stoppingToken));
        }

        await Task.WhenAll(runs);
    }

    internal static OutboxLimits LimitsOf(WebhookPlan plan) => new()
    {
        Entries = SignallingLimits.WaitingWebhooks,
        Parallel = SignallingLimits.WebhooksAtOnce,
        Age = plan.RetryFor,
        // The age bounds them.
        Tries = int.MaxValue,
        FirstPause = SignallingLimits.FirstWebhookPause,
        LongestPause = SignallingLimits.LongestWebhookPause,
        DeliveryTime = plan.Timeout + SignallingLimits.WebhookMargin,
    };

    /// <summary>Kinds of webhooks in the store for which there is no receiver here.</summary>
    private async Task<IReadOnlyList<string>> OthersAsync(CancellationToken cancellation)
    {
        try
        {
            var keys = await store.KeysAsync(StorePrefix, cancellation);
            return [.. keys.Select(key => WebhookDelivery.KindPrefix + key[StorePrefix.Length..].Split('/')[0]).Distinct(StringComparer.Ordinal)
                .Where(kind => kind.Length <= OutboxLimits.KindLength && kind.All(c => c is '-' || char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) && !deliveries.Any(delivery => delivery.Kind == kind))
                .Take(SignallingLimits.FormerWebhookReceivers)];
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // The next start looks again.
            LogNoList(exception.GetType().Name);
            return [];
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "{Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Webhooks go to {Receivers}: {Events}")]
    private partial void LogOn(string receivers, string events);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Webhooks: what waits for receivers that are set no more could not be looked for ({Failure})")]
    private partial void LogNoList(string failure);
}
