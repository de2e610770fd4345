using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;

/// <summary>
/// One receiver's allocation over time: holds its layout and its estimate, decides when to run <see cref="BandwidthAllocator"/> again, and applies the result: targets, slots
/// with their map before any media, ForwardedSources, and the constraints for senders.
/// </summary>
internal sealed partial class ReceiverAllocation(BridgeEndpoint endpoint)
{
    private readonly List<string> _forwarded = [];
    private bool _invalid;
    private bool _sendersKnowLayout;
    private long _lastRunEstimate = -1;
    private MonotonicTime _lastRun;
    private AllocationResult _result = new([], 0, 0, false);

    public AllocationSettings Settings { get; private set; } = AllocationSettings.Initial;

    public long TargetBps => _result.TargetBps;

    public long IdealBps => _result.IdealBps;

    public bool IsOversending => _result.Oversending;

    public IReadOnlyList<string> Forwarded => _forwarded;

    /// <summary>The endpoint must tick quickly: media are forwarded, or would be with more bandwidth, so estimates and probes are in progress.</summary>
    public bool IsBusy => _forwarded.Count > 0 || _result.IdealBps > _result.TargetBps;

    /// <summary>The number of allocations so far.</summary>
    public long Runs { get; private set; }

    public void SetInitialLastN(int lastN)
    {
        if (!endpoint.Channel.IsConnected) Settings = Settings with { LastN = lastN };
    }

    public void Apply(ReceiverVideoConstraints message, MonotonicTime now)
    {
        Settings = Settings.With(message);
        Run(now);
    }

    public void Apply(LastNChanged message, MonotonicTime now)
    {
        Settings = Settings with { LastN = message.LastN };
        Run(now);
    }

    /// <summary>Stores a layout without applying it; the next <see cref="Run"/> applies it.</summary>
    public void Keep(ReceiverVideoConstraints message) => Settings = Settings.With(message);

    /// <inheritdoc cref="Keep(ReceiverVideoConstraints)"/>
    public void Keep(LastNChanged message) => Settings = Settings with { LastN = message.LastN };

    /// <summary>Sources, their order or their layers changed: runs again at the end of the current input.</summary>
    public void Invalidate()
    {
        if (_invalid) return;
        _invalid = true;
        endpoint.TickSoon();
    }

    public void Tick(MonotonicTime now)
    {
        ProcessEstimate(now);
        var estimate = AvailableBps(now);
        var moved = _lastRunEstimate >= 0 && estimate != _lastRunEstimate
            && Math.Abs((double)estimate - _lastRunEstimate) > AllocationLimits.EstimateChangeThreshold * _lastRunEstimate;
        if (_invalid || moved || (IsBusy && now - _lastRun >= AllocationLimits.MaxTimeBetweenRuns)) Run(now);
        Probe(now);
    }

    public void Run(MonotonicTime now)
    {
        _invalid = false;
        _lastRun = now;
        Runs++;
        var available = _lastRunEstimate = AvailableBps(now);
        if (Settings.AssumedBandwidthBps >= 0 && endpoint.Shard.Options.AssumedBandwidthLimitBps is > 0 and var limit)
        {
            available = Math.Min(Settings.AssumedBandwidthBps, limit);
        }

        var subscriptions = Collect(now, out var sources);
        var lastN = SourceOrder.EffectiveLastN(
            Settings.LastN, endpoint.Shard.Options.LastN, endpoint.VideoSlots?.Capacity ?? -1);
        _result = BandwidthAllocator.Allocate(sources, Settings, lastN, available);
        CarryOut(subscriptions, now);
    }

    /// <summary>The forwarded sources, for a channel that has just connected.</summary>
    public void Replay(MonotonicTime now) => endpoint.Channel.Send(ChannelMessageWriter.ForwardedSources(_forwarded), now);

    private Dictionary<string, VideoSubscription> Collect(MonotonicTime now, out List<AllocationSource> sources)
    {
        // Speech order, but endpoints that send video come first (two passes keep both orders).
        sources = [];
        var byName = new Dictionary<string, VideoSubscription>();
        foreach (var sending in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (var other in endpoint.Conference.Speech.Order)
            {
                if (ReferenceEquals(other, endpoint)) continue;
                foreach (var source in other.VideoSources)
                {
                    if (source.IsSending(now) != sending || !endpoint.VideoSubscriptions.TryGetValue(source, out var subscription)) continue;
                    if (!byName.TryAdd(source.Name, subscription)) continue;
                    sources.Add(new AllocationSource(source.Name, source.VideoType, source.GetLayers(now)));
                }
            }
        }

        return byName;
    }

    private void CarryOut(Dictionary<string, VideoSubscription> subscriptions, MonotonicTime now)
    {
        AssignSlots(subscriptions, now);
        var first = Settings.Received && !_sendersKnowLayout;
        _sendersKnowLayout = Settings.Received;
        var changed = false;
        var index = 0;
        foreach (var source in _result.Sources)
        {
            var subscription = subscriptions[source.Name];
            var layer = source.Target?.Index ?? LayerIndex.Suspended;
            subscription.SetTarget(layer);
            if (first || subscription.EffectiveConstraints != source.Constraint)
            {
                subscription.EffectiveConstraints = source.Constraint;
                SenderConstraints.Tell(subscription.Source, now);
            }

            if (layer < 0) continue;

            // Request the keyframe now instead of with the next packet: the sender needs the time.
            RequestKeyframeFor(subscription, now);
            if (index >= _forwarded.Count || _forwarded[index] != source.Name) changed = true;
            index++;
        }

        if (index != _forwarded.Count) changed = true;
        if (!changed) return;
        var before = new HashSet<string>(_forwarded);
        _forwarded.Clear();
        foreach (var source in _result.Sources)
        {
            if (source.Target is not null) _forwarded.Add(source.Name);
        }

        // Clients are told only when the set changes, not the order.
        if (!before.SetEquals(_forwarded)) endpoint.Channel.Send(ChannelMessageWriter.ForwardedSources(_forwarded), now);
    }

    private void RequestKeyframeFor(VideoSubscription subscription, MonotonicTime now)
    {
        if (subscription.Projection is { } projection)
        {
            if (projection.WantsKeyframe(now, out var encoding) && encoding is not null) KeyframeRequests.Send(encoding, endpoint, now);
            return;
        }

        // Nothing was forwarded yet: start with any encoding that is sent.
        var target = Math.Clamp(LayerIndex.Encoding(subscription.TargetLayer), 0, subscription.Source.Encodings.Length - 1);
        for (var e = target; e > 0; e--)
        {
            if (!subscription.Source.Encodings[e].IsAlive(now)) continue;
            KeyframeRequests.Send(subscription.Source.Encodings[e], endpoint, now);
            return;
        }

        KeyframeRequests.Send(subscription.Source.Encodings[0], endpoint, now);
    }

    /// <summary>Assigns slots to the forwarded sources first, then to others while slots are free, and sends the map before media.</summary>
    private void AssignSlots(Dictionary<string, VideoSubscription> subscriptions, MonotonicTime now)
    {
        if (endpoint.VideoSlots is not { } slots || !Settings.Received) return;
        List<MappedSource>? changed = null;
        var active = 0;
        foreach (var source in _result.Sources)
        {
            if (source.Target is null || active >= slots.Capacity) continue;
            active++;
            Assign(subscriptions[source.Name]);
        }

        foreach (var source in _result.Sources)
        {
            if (source.Target is not null || active >= slots.Capacity) continue;
            active++;
            Assign(subscriptions[source.Name]);
        }

        if (changed is not null) endpoint.Channel.Send(ChannelMessageWriter.VideoSourcesMap(changed), now);

        void Assign(VideoSubscription subscription)
        {
            var isNew = slots.Assign(subscription, subscription.Source.Name, now, out var stream, out var evicted);
            evicted?.SetStream(null);
            subscription.SetStream(stream);
            if (isNew) (changed ??= []).Add(Conferences.SourceMaps.Entry(subscription, stream));
        }
    }
}
