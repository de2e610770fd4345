using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>The source maps for a receiver with SSRC rewriting.</summary>
internal static class SourceMaps
{
    public static MappedSource Entry(VideoSubscription subscription, EgressStream stream) => new(
        subscription.Source.Name, subscription.Source.Owner.Id, stream.Ssrc, stream.RtxSsrc == 0 ? -1 : stream.RtxSsrc, subscription.Source.VideoType, stream.Mid);

    public static MappedSource Entry(AudioSubscription subscription, EgressStream stream) =>
        new(subscription.Source.Name, subscription.Source.Owner.Id, stream.Ssrc, -1, null, stream.Mid);

    public static List<MappedSource> AllVideo(BridgeEndpoint receiver)
    {
        var entries = new List<MappedSource>();
        foreach (var slot in receiver.VideoSlots!.Slots)
        {
            if (slot.Holder is not null) entries.Add(Entry(slot.Holder, slot.Stream));
        }

        return entries;
    }

    public static List<MappedSource> AllAudio(BridgeEndpoint receiver)
    {
        var entries = new List<MappedSource>();
        foreach (var slot in receiver.AudioSlots!.Slots)
        {
            if (slot.Holder is not null) entries.Add(Entry(slot.Holder, slot.Stream));
        }

        return entries;
    }
}
