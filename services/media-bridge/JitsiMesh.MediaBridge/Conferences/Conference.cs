using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>
/// The endpoints of one meeting on this bridge, and the parts that serve them, all on one shard. Each part is the only writer of its state: <see cref="Sources"/>, <see
/// cref="Messages"/>, <see cref="Speech"/>, <see cref="Connectivity"/>, <see cref="FanOut"/>.
/// </summary>
internal sealed class Conference
{
    private readonly List<BridgeEndpoint> _endpoints = [];
    private readonly Dictionary<string, BridgeEndpoint> _byId = [];
    private MonotonicTime _emptySince;
    private MonotonicTime _faultsSince;
    private int _faults;

    public Conference(BridgeShard shard, string meetingId, string name, MonotonicTime now)
    {
        Shard = shard;
        MeetingId = meetingId;
        Name = name;
        Id = shard.Random.NextHex(16);
        FeedbackAudioSsrc = NewSsrc(null);
        FeedbackVideoSsrc = NewSsrc(null);
        CreatedAt = now;
        _emptySince = now;
        Speech = new ConferenceSpeech(this);
        Sources = new ConferenceSources(this);
        Messages = new ConferenceMessages(this);
        Connectivity = new ConferenceConnectivity(this, now);
        FanOut = new MediaFanOut(shard);
    }

    public BridgeShard Shard { get; }

    /// <summary>The meeting id from focus.</summary>
    public string MeetingId { get; }

    /// <summary>The room's address; for debug logs only.</summary>
    public string Name { get; }

    /// <summary>The bridge's id of the conference, part of the colibri-ws address.</summary>
    public string Id { get; }

    /// <summary>The SSRCs of the signalled sources jvb-a0 and jvb-v0: the sender of the bridge's RTCP.</summary>
    public uint FeedbackAudioSsrc { get; }

    public uint FeedbackVideoSsrc { get; }

    public MonotonicTime CreatedAt { get; }

    public ConferenceSpeech Speech { get; }

    public ConferenceSources Sources { get; }

    public ConferenceMessages Messages { get; }

    public ConferenceConnectivity Connectivity { get; }

    public MediaFanOut FanOut { get; }

    public IReadOnlyList<BridgeEndpoint> Endpoints => _endpoints;

    public MonotonicTime NextTimeout => MonotonicTime.Min(Connectivity.NextTimeout, Speech.NextTimeout);

    /// <summary>Counts an exception of the conference's timers.</summary>
    /// <returns>True when the conference must end because of too many exceptions.</returns>
    public bool IsBrokenBy(MonotonicTime now)
    {
        if (_faults == 0 || now - _faultsSince > ConferenceLimits.FaultWindow) (_faults, _faultsSince) = (0, now);
        return ++_faults >= ConferenceLimits.MaxFaults;
    }

    /// <summary>The conference has been empty for a while.</summary>
    public bool IsAbandoned(MonotonicTime now) => _endpoints.Count == 0 && now - _emptySince >= ConferenceLimits.EmptyTimeout;

    public BridgeEndpoint? Find(string endpointId) => _byId.GetValueOrDefault(endpointId);

    public void Add(BridgeEndpoint endpoint, MonotonicTime now)
    {
        _endpoints.Add(endpoint);
        _byId[endpoint.Id] = endpoint;

        Connectivity.Add(endpoint);
        Sources.SubscribeToAll(endpoint);
        Speech.Add(endpoint, now);
    }

    public void Remove(BridgeEndpoint endpoint, MonotonicTime now)
    {
        if (!_byId.Remove(endpoint.Id)) return;
        _endpoints.Remove(endpoint);
        Connectivity.Remove(endpoint);
        if (_endpoints.Count == 0) _emptySince = now;

        // First, so that no table leads to the endpoint if a later step fails.
        ConferenceSources.Unsubscribe(endpoint);
        Sources.Clear(endpoint, now);
        foreach (var other in _endpoints) other.Keyframes.Forget(endpoint);
        foreach (var source in endpoint.VideoSubscriptions.Keys) SenderConstraints.Tell(source, now);
        Speech.Remove(endpoint, now);
        endpoint.Channel.Close(1001, "endpoint is gone");
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (Speech.NextTimeout <= now) Speech.HandleTimeout(now);
        if (Connectivity.NextTimeout <= now) Connectivity.HandleTimeout(now);
    }

    /// <summary>The endpoints that were silent for too long and must end.</summary>
    public IEnumerable<(BridgeEndpoint Endpoint, EndpointEnd Reason)> FindExpired(MonotonicTime now)
    {
        foreach (var endpoint in _endpoints)
        {
            var limit = endpoint.HasBeenActive ? EndpointLimits.InactivityTimeout : EndpointLimits.FirstActivityTimeout;
            if (now - endpoint.LastActivity < limit) continue;
            yield return (endpoint, endpoint.Failure switch
            {
                PeerTransport.PeerFailure.None => EndpointEnd.Inactive,
                PeerTransport.PeerFailure.IceConsentExpired or PeerTransport.PeerFailure.IceNoValidPair => EndpointEnd.IceFailed,
                _ => EndpointEnd.DtlsFailed,
            });
        }
    }

    /// <summary>All local endpoints, in the order of their creation.</summary>
    public void Broadcast(byte[] message, MonotonicTime now, BridgeEndpoint? except = null)
    {
        foreach (var endpoint in _endpoints)
        {
            if (!ReferenceEquals(endpoint, except)) endpoint.Channel.Send(message, now);
        }
    }

    public void OnEndpointConnected(BridgeEndpoint endpoint, MonotonicTime now)
    {
        endpoint.Allocation.Invalidate();

        // Receivers waiting for this endpoint's video requested keyframes before its transport was connected.
        foreach (var source in endpoint.VideoSources)
        {
            foreach (var subscription in source.Subscriptions) subscription.Receiver.Allocation.Invalidate();
        }
    }

    /// <summary>The endpoint can receive again after an interruption: its decoders need keyframes, and the skipped packets must leave no gap.</summary>
    public void OnEndpointResumed(BridgeEndpoint endpoint, MonotonicTime now)
    {
        foreach (var subscription in endpoint.VideoSubscriptions.Values) subscription.Projection?.RequireKeyframe();
        foreach (var subscription in endpoint.AudioSubscriptions.Values) subscription.Restart();
        OnEndpointConnected(endpoint, now);
    }

    /// <summary>A random SSRC that is used neither by the bridge nor by the endpoint.</summary>
    public uint NewSsrc(BridgeEndpoint? endpoint)
    {
        while (true)
        {
            var ssrc = Shard.Random.NextUInt32();
            if (ssrc == 0 || ssrc == FeedbackAudioSsrc || ssrc == FeedbackVideoSsrc) continue;
            if (endpoint is null || !endpoint.UsesSsrc(ssrc)) return ssrc;
        }
    }
}
