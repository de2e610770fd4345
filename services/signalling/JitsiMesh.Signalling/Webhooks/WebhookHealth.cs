using JitsiMesh.Signalling.Outboxes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>A receiver that takes nothing, or settings that cannot be right, are told on the health page, which never fails because of them: meetings do not depend on webhooks.</summary>
internal sealed class WebhookHealth(WebhookPlan plan, IReadOnlyList<WebhookDelivery> deliveries, Outbox outbox, MeshClock clock) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var troubles = plan.Problems.ToList();
        foreach (var delivery in deliveries)
        {
            // What failed here once is over when another instance delivers, or when nothing waits any more.
            if (delivery.Trouble is not { } trouble || (outbox.Waiting(delivery.Kind) == 0 && !delivery.IsGone)) continue;
            var minutes = (long)(clock.Now.Utc - trouble.Since).TotalMinutes;
            troubles.Add(FormattableString.Invariant($"{delivery.Receiver} has taken no webhook for {minutes} min ({trouble.Said})"));
        }

        return Task.FromResult(troubles.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", troubles)));
    }
}
