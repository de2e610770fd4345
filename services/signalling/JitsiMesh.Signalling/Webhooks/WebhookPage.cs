using JitsiMesh.Signalling.Outboxes;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>The page <c>/debug/webhooks</c>: who is told, how each receiver fares on this instance, and what waits for it here.</summary>
internal sealed class WebhookPage(WebhookPlan plan, IReadOnlyList<WebhookDelivery> deliveries, Outbox outbox)
{
    public IResult Show() => Results.Json(new
    {
        problems = plan.Problems,
        events = plan.Events.Order(StringComparer.Ordinal),
        receivers = deliveries.Select(delivery => new
        {
            receiver = delivery.Receiver.Name,
            kind = delivery.Kind,
            waiting = outbox.Waiting(delivery.Kind),
            last_taken = delivery.LastTaken,
            fails_since = delivery.Trouble?.Since,
            said = delivery.Trouble?.Said,
        }),
    });
}
