using System.Diagnostics.Metrics;

namespace JitsiMesh.Hosting.Links;

/// <summary>Counters of the stanza link, the same for both implementations.</summary>
internal static class LinkMetrics
{
    private static readonly Meter Meter = new("JitsiMesh.Hosting");

    public static readonly Counter<long> Sent = Meter.CreateCounter<long>("jitsimesh.link.sent", description: "Envelopes handed to the stanza link");
    public static readonly Counter<long> Consumed = Meter.CreateCounter<long>("jitsimesh.link.consumed", description: "Envelopes that a consumer has taken");
    public static readonly Counter<long> Duplicates = Meter.CreateCounter<long>("jitsimesh.link.duplicates", description: "Repeated deliveries that were dropped");
    public static readonly Counter<long> Gaps = Meter.CreateCounter<long>("jitsimesh.link.gaps", description: "Envelopes before which numbers were missing");
    public static readonly Counter<long> Failed = Meter.CreateCounter<long>("jitsimesh.link.failed", description: "Envelopes whose consumer threw");
    public static readonly Counter<long> Unreadable = Meter.CreateCounter<long>("jitsimesh.link.unreadable", description: "Messages in a link queue that are no envelope");
    public static readonly Counter<long> TooLong = Meter.CreateCounter<long>("jitsimesh.link.too_long", description: "Envelopes that the broker would not take for their length, dropped");
    public static readonly Counter<long> SubscriptionsFailed = Meter.CreateCounter<long>("jitsimesh.link.subscriptions_failed", description: "Subscriptions to a queue that ended for another reason than the broker's absence");
}
