using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Speakers;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>The speakers of a conference: passes levels to <see cref="DominantSpeaker"/>, and its decisions to the clients and the allocations.</summary>
internal sealed class ConferenceSpeech(Conference conference)
{
    /// <summary>A new speaker's keyframe should arrive about when the receivers' layouts have changed.</summary>
    private static readonly TimeSpan KeyframeMargin = TimeSpan.FromMilliseconds(10);

    private readonly DominantSpeaker _speaker = new();
    private readonly List<BridgeEndpoint> _order = [];
    private readonly List<BridgeEndpoint> _visitors = [];
    private string? _dominant;
    private BridgeEndpoint? _keyframeFrom;
    private MonotonicTime _keyframeAt = MonotonicTime.Never;

    public MonotonicTime NextTimeout => MonotonicTime.Min(_speaker.NextTimeout, _keyframeAt);

    /// <summary>The dominant speaker first, then by most recent dominance, then in order of creation. Excludes visitors.</summary>
    public IReadOnlyList<BridgeEndpoint> Order => _order;

    public BridgeEndpoint? Dominant => _dominant is null ? null : conference.Find(_dominant);

    public void Add(BridgeEndpoint endpoint, MonotonicTime now)
    {
        if (endpoint.IsVisitor)
        {
            _visitors.Add(endpoint);
            return;
        }

        _speaker.Join(endpoint.Id);
        _order.Add(endpoint);
    }

    public void Remove(BridgeEndpoint endpoint, MonotonicTime now)
    {
        if (_visitors.Remove(endpoint)) return;
        _speaker.Leave(endpoint.Id);
        _order.Remove(endpoint);
        if (ReferenceEquals(_keyframeFrom, endpoint)) _keyframeAt = MonotonicTime.Never;
        Publish(_speaker.OnTick(now), now);
    }

    public void OnAudioLevel(BridgeEndpoint endpoint, int loudness, MonotonicTime now)
    {
        _speaker.OnLevel(endpoint.Id, loudness, now);
        conference.Shard.Schedule(_speaker.NextTimeout);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (_speaker.NextTimeout <= now) Publish(_speaker.OnTick(now), now);
        if (now < _keyframeAt) return;
        _keyframeAt = MonotonicTime.Never;
        if (_keyframeFrom is not { } speaker) return;
        foreach (var source in speaker.VideoSources)
        {
            if (source.VideoType.IsDesktop()) continue;
            foreach (var encoding in source.Encodings)
            {
                if (!encoding.IsAlive(now)) continue;
                KeyframeRequests.Send(encoding, null, now);
                break;
            }
        }
    }

    /// <summary>One of the recent speakers, including the dominant one.</summary>
    public bool IsRecent(BridgeEndpoint endpoint) => endpoint.Id == _dominant || _speaker.Recent.Contains(endpoint.Id);

    /// <summary>The announcement for a client; null before anyone spoke.</summary>
    public byte[]? DominantMessage()
    {
        var state = _speaker.Snapshot();
        return state.Dominant is null ? null : ChannelMessageWriter.DominantSpeaker(state.Dominant, state.Previous);
    }

    private void Publish(SpeakerChange? change, MonotonicTime now)
    {
        if (change is null) return;
        _order.Clear();
        foreach (var id in _speaker.SpeechOrder())
        {
            if (conference.Find(id) is { } endpoint) _order.Add(endpoint);
        }

        var changed = change.Dominant != _dominant;
        _dominant = change.Dominant;
        if (change.Dominant is not null) conference.Broadcast(ChannelMessageWriter.DominantSpeaker(change.Dominant, change.Previous), now);
        conference.Sources.InvalidateAllocations();
        if (changed && Dominant is { } speaker) ScheduleKeyframe(speaker, now);
    }

    /// <summary>
    /// Clients will put the new speaker on stage and request a larger encoding, which needs a keyframe: requesting the keyframe now saves a round trip. Only if a receiver
    /// shows a stage, and more than two endpoints are present.
    /// </summary>
    private void ScheduleKeyframe(BridgeEndpoint speaker, MonotonicTime now)
    {
        if (conference.Endpoints.Count <= 2) return;
        var anyStage = false;
        var slowest = TimeSpan.Zero;
        foreach (var receiver in conference.Endpoints)
        {
            if (ReferenceEquals(receiver, speaker)) continue;
            anyStage |= receiver.Allocation.Settings.OnStageSources.Count > 0;
            if (receiver.RoundTripTime is { } rtt && rtt > slowest) slowest = rtt;
        }

        if (!anyStage) return;
        var wait = slowest - (speaker.RoundTripTime ?? TimeSpan.Zero) + KeyframeMargin;
        _keyframeFrom = speaker;
        _keyframeAt = wait > TimeSpan.Zero ? now + wait : now;
        conference.Shard.Schedule(_keyframeAt);
    }
}
