using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Outboxes;

namespace JitsiMesh.Signalling.Webhooks;

/// <summary>Puts what happens in rooms into the outbox, once for each receiver. What happened in one room is told to each in its order.</summary>
internal sealed class WebhookEvents(WebhookPlan plan, Outbox outbox) : IRoomEvents
{
    public ValueTask PutAsync(IReadOnlyList<RoomEvent> happened, CancellationToken cancellation) => new(Task.WhenAll(plan.Receivers.Select(receiver =>
    {
        var kind = WebhookDelivery.KindPrefix + receiver.Key;
        return outbox.PutAsync(kind, [.. happened.Select(one => EntryOf(kind, one))], cancellation);
    })));

    private static OutboxEntry EntryOf(string kind, RoomEvent happened) => new()
    {
        Id = happened.Id,
        Kind = kind,
        OrderKey = happened.Room,
        Payload = happened.Body,
        FirstTime = DateTimeOffset.FromUnixTimeMilliseconds(happened.Milliseconds),
    };
}
