using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>The sources of a conference's endpoints, and the subscriptions to them.</summary>
internal sealed class ConferenceSources(Conference conference)
{
    /// <summary>Whether another endpoint owns a source of that name: sources are identified by name, so the two would be confused.</summary>
    public bool IsNameTaken(string name, BridgeEndpoint? owner)
    {
        foreach (var endpoint in conference.Endpoints)
        {
            if (ReferenceEquals(endpoint, owner)) continue;
            foreach (var source in endpoint.VideoSources)
            {
                if (source.Name == name) return true;
            }

            foreach (var source in endpoint.AudioSources)
            {
                if (source.Name == name) return true;
            }
        }

        return false;
    }

    /// <summary>Whether the bridge or another endpoint uses an SSRC: receivers without rewriting identify streams by SSRC alone.</summary>
    public bool IsSsrcTaken(uint ssrc, BridgeEndpoint? owner)
    {
        if (ssrc == conference.FeedbackAudioSsrc || ssrc == conference.FeedbackVideoSsrc) return true;
        foreach (var endpoint in conference.Endpoints)
        {
            if (!ReferenceEquals(endpoint, owner) && endpoint.SendsSsrc(ssrc)) return true;
        }

        return false;
    }

    /// <summary>Replaces the endpoint's whole set; a source with unchanged streams continues.</summary>
    public void Set(BridgeEndpoint owner, IReadOnlyList<SourceLayout> layouts, MonotonicTime now)
    {
        foreach (var source in owner.VideoSources.ToArray())
        {
            var next = layouts.FirstOrDefault(source.Layout.HasSameStreams);
            if (next is null) RemoveSource(owner, source, now);
        }

        foreach (var source in owner.AudioSources.ToArray())
        {
            if (!layouts.Any(source.Layout.HasSameStreams)) RemoveSource(owner, source, now);
        }

        foreach (var layout in layouts)
        {
            if (layout.IsVideo) AddVideo(owner, layout, now);
            else AddAudio(owner, layout);
        }

        InvalidateAllocations();
    }

    /// <summary>A new endpoint may receive all existing sources.</summary>
    public void SubscribeToAll(BridgeEndpoint receiver)
    {
        foreach (var other in conference.Endpoints)
        {
            if (ReferenceEquals(other, receiver)) continue;
            foreach (var source in other.AudioSources) Subscribe(receiver, source);
            foreach (var source in other.VideoSources) Subscribe(receiver, source);
        }
    }

    /// <summary>An endpoint that left receives nothing more.</summary>
    public static void Unsubscribe(BridgeEndpoint receiver)
    {
        foreach (var (source, subscription) in receiver.VideoSubscriptions) source.Subscriptions.Remove(subscription);
        foreach (var (source, subscription) in receiver.AudioSubscriptions) source.Subscriptions.Remove(subscription);
    }

    /// <summary>An endpoint that left sends nothing more.</summary>
    public void Clear(BridgeEndpoint owner, MonotonicTime now)
    {
        foreach (var source in owner.VideoSources.ToArray()) RemoveSource(owner, source, now);
        foreach (var source in owner.AudioSources.ToArray()) RemoveSource(owner, source, now);
        InvalidateAllocations();
    }

    /// <summary>A layer became active, or a source changed its video type.</summary>
    public static void OnLayersChanged(VideoSource source)
    {
        foreach (var subscription in source.Subscriptions) subscription.Receiver.Allocation.Invalidate();
    }

    /// <summary>Runs the allocations of a source's receivers before the current packet is forwarded.</summary>
    public void ReallocateFor(VideoSource source, MonotonicTime now)
    {
        foreach (var subscription in source.Subscriptions)
        {
            try
            {
                subscription.Receiver.Allocation.Run(now);
            }
            catch (Exception e)
            {
                conference.Shard.Blame(subscription.Receiver, ShardFault.Forward, e);
            }
        }
    }

    public void InvalidateAllocations()
    {
        foreach (var endpoint in conference.Endpoints) endpoint.Allocation.Invalidate();
    }

    public void SetVideoType(BridgeEndpoint owner, string? sourceName, VideoType type, MonotonicTime now)
    {
        var source = sourceName is null ? owner.VideoSources.FirstOrDefault() : owner.VideoSources.Find(s => s.Name == sourceName);
        if (source is null) owner.KeepVideoType(sourceName, type, now);
        if (source is null || source.VideoType == type) return;
        source.VideoType = type;
        OnLayersChanged(source);

        // A new video type of a mapped source is announced again: the client stores it with the track.
        foreach (var subscription in source.Subscriptions)
        {
            if (!subscription.Receiver.RewritesSsrcs || subscription.Stream is not { } stream) continue;
            subscription.Receiver.Channel.Send(ChannelMessageWriter.VideoSourcesMap([SourceMaps.Entry(subscription, stream)]), now);
        }
    }

    private void AddVideo(BridgeEndpoint owner, SourceLayout layout, MonotonicTime now)
    {
        if (owner.VideoSources.Find(s => s.Layout.HasSameStreams(layout)) is { } existing)
        {
            if (existing.Layout.VideoType != layout.VideoType) SetVideoType(owner, existing.Name, layout.VideoType, now);
            return;
        }

        var source = new VideoSource(owner, layout);
        if (owner.TakeVideoType(layout.Name, now) is { } told) source.VideoType = told;
        owner.VideoSources.Add(source);
        owner.Ingress.AddVideo(source);
        foreach (var receiver in conference.Endpoints)
        {
            if (!ReferenceEquals(receiver, owner)) Subscribe(receiver, source);
        }
    }

    private void AddAudio(BridgeEndpoint owner, SourceLayout layout)
    {
        if (owner.AudioSources.Exists(s => s.Layout.HasSameStreams(layout))) return;
        var source = new AudioSource(owner, layout);
        owner.AudioSources.Add(source);
        owner.Ingress.AddAudio(source);
        foreach (var receiver in conference.Endpoints)
        {
            if (!ReferenceEquals(receiver, owner)) Subscribe(receiver, source);
        }
    }

    private static void Subscribe(BridgeEndpoint receiver, VideoSource source)
    {
        var subscription = new VideoSubscription(source, receiver);
        if (!receiver.RewritesSsrcs)
        {
            // Without rewriting the first encoding's SSRCs represent the source, whichever encoding is sent.
            var first = source.Encodings[0];
            subscription.SetStream(receiver.StreamFor(first.Ssrc, receiver.Formats.HasRtx ? first.RtxSsrc : 0, isVideo: true));
        }

        receiver.VideoSubscriptions[source] = subscription;
        source.Subscriptions.Add(subscription);
    }

    private static void Subscribe(BridgeEndpoint receiver, AudioSource source)
    {
        var subscription = new AudioSubscription(source, receiver) { Wanted = receiver.WantsAudio(source.Name) };
        if (!receiver.RewritesSsrcs) subscription.SetStream(receiver.StreamFor(source.Ssrc, 0, isVideo: false));
        receiver.AudioSubscriptions[source] = subscription;
        source.Subscriptions.Add(subscription);
    }

    private static void RemoveSource(BridgeEndpoint owner, VideoSource source, MonotonicTime now)
    {
        owner.VideoSources.Remove(source);
        owner.Ingress.Remove(source.Layout);
        foreach (var subscription in source.Subscriptions)
        {
            subscription.SetTarget(LayerIndex.Suspended);
            subscription.Receiver.VideoSubscriptions.Remove(source);
            subscription.Receiver.VideoSlots?.Remove(subscription, now);
            if (!subscription.Receiver.RewritesSsrcs) subscription.Stream?.Sent?.Clear();
            subscription.SetStream(null);
        }

        source.Subscriptions.Clear();
    }

    private static void RemoveSource(BridgeEndpoint owner, AudioSource source, MonotonicTime now)
    {
        owner.AudioSources.Remove(source);
        owner.Ingress.Remove(source.Layout);
        foreach (var subscription in source.Subscriptions)
        {
            subscription.Receiver.AudioSubscriptions.Remove(source);
            subscription.Receiver.AudioSlots?.Remove(subscription, now);
            subscription.SetStream(null);
        }

        source.Subscriptions.Clear();
    }
}
