using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>The endpoints of one meeting on this bridge. All of it lives on one shard.</summary>
internal sealed partial class Conference
{
    private readonly List<BridgeEndpoint> _endpoints = [];
    private readonly Dictionary<string, BridgeEndpoint> _byId = [];
    private readonly HashSet<string> _leftInactive = [];
    private MonotonicTime _nextCheck;
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
        _nextCheck = now + ConferenceLimits.CheckInterval;
        Speech = new ConferenceSpeech(this);
    }

    public BridgeShard Shard { get; }

    /// <summary>Focus's name for the meeting.</summary>
    public string MeetingId { get; }

    /// <summary>The room's address; for debug logs only.</summary>
    public string Name { get; }

    /// <summary>The bridge's own name for it, part of the colibri-ws address.</summary>
    public string Id { get; }

    /// <summary>The signalled sources jvb-a0 and jvb-v0: the sender of the bridge's own RTCP.</summary>
    public uint FeedbackAudioSsrc { get; }

    public uint FeedbackVideoSsrc { get; }

    public MonotonicTime CreatedAt { get; }

    public ConferenceSpeech Speech { get; }

    public IReadOnlyList<BridgeEndpoint> Endpoints => _endpoints;

    public MonotonicTime NextTimeout => MonotonicTime.Min(_nextCheck, Speech.NextTimeout);

    /// <summary>Counts an exception of its own timers.</summary>
    /// <returns>It is one too many: the conference should end.</returns>
    public bool IsBrokenBy(MonotonicTime now)
    {
        if (_faults == 0 || now - _faultsSince > ConferenceLimits.FaultWindow) (_faults, _faultsSince) = (0, now);
        return ++_faults >= ConferenceLimits.MaxFaults;
    }

    /// <summary>Nobody has been here for a while.</summary>
    public bool IsAbandoned(MonotonicTime now) => _endpoints.Count == 0 && now - _emptySince >= ConferenceLimits.EmptyTimeout;

    public BridgeEndpoint? Find(string endpointId) => _byId.GetValueOrDefault(endpointId);

    public IEnumerable<BridgeEndpoint> InSpeechOrder() => Speech.Order;

    public void Add(BridgeEndpoint endpoint, MonotonicTime now)
    {
        _endpoints.Add(endpoint);
        _byId[endpoint.Id] = endpoint;

        // Clients know it by its id: it is announced as active again at the next check.
        endpoint.ToldInactive = _leftInactive.Remove(endpoint.Id) && !endpoint.IsVisitor;
        foreach (var other in _endpoints)
        {
            if (ReferenceEquals(other, endpoint)) continue;
            foreach (var source in other.AudioSources) Subscribe(endpoint, source);
            foreach (var source in other.VideoSources) Subscribe(endpoint, source);
        }

        Speech.Add(endpoint, now);
    }

    public void Remove(BridgeEndpoint endpoint, MonotonicTime now)
    {
        if (!_byId.Remove(endpoint.Id)) return;
        _endpoints.Remove(endpoint);
        if (endpoint.ToldInactive && _leftInactive.Count < ConferenceLimits.MaxEndpoints) _leftInactive.Add(endpoint.Id);
        if (_endpoints.Count == 0) _emptySince = now;

        // First: whatever fails after this, nothing leads to it any more.
        foreach (var (source, subscription) in endpoint.VideoSubscriptions) source.Subscriptions.Remove(subscription);
        foreach (var (source, subscription) in endpoint.AudioSubscriptions) source.Subscriptions.Remove(subscription);
        ClearSources(endpoint, now);
        foreach (var other in _endpoints) other.Keyframes.Forget(endpoint);
        foreach (var source in endpoint.VideoSubscriptions.Keys) UpdateSenderConstraints(source, now);
        Speech.Remove(endpoint, now);
        endpoint.Channel.Close(1001, "endpoint is gone");
    }

    public void HandleTimeout(MonotonicTime now)
    {
        if (Speech.NextTimeout <= now) Speech.HandleTimeout(now);
        if (now < _nextCheck) return;
        _nextCheck = now + ConferenceLimits.CheckInterval;
        CheckConnectivity(now);
    }

    /// <summary>Its endpoints that have been silent for too long and should end.</summary>
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

    /// <summary>To all local endpoints, in the order they came.</summary>
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

        // Receivers that waited for this endpoint's video asked before there was a way to its sender.
        foreach (var source in endpoint.VideoSources)
        {
            foreach (var subscription in source.Subscriptions) subscription.Receiver.Allocation.Invalidate();
        }
    }

    /// <summary>It can be sent to again after a while in which it could not: decoders wait for keyframes, and what went by leaves no hole.</summary>
    public void OnEndpointResumed(BridgeEndpoint endpoint, MonotonicTime now)
    {
        foreach (var subscription in endpoint.VideoSubscriptions.Values) subscription.Projection?.RequireKeyframe();
        foreach (var subscription in endpoint.AudioSubscriptions.Values) subscription.Restart();
        OnEndpointConnected(endpoint, now);
    }

    public void OnAudioLevel(BridgeEndpoint endpoint, int loudness, MonotonicTime now) => Speech.OnAudioLevel(endpoint, loudness, now);

    /// <summary>A random SSRC that is neither ours nor one of the endpoint's own.</summary>
    public uint NewSsrc(BridgeEndpoint? endpoint)
    {
        while (true)
        {
            var ssrc = Shard.Random.NextUInt32();
            if (ssrc == 0 || ssrc == FeedbackAudioSsrc || ssrc == FeedbackVideoSsrc) continue;
            if (endpoint is null || !endpoint.UsesSsrc(ssrc)) return ssrc;
        }
    }

    private void CheckConnectivity(MonotonicTime now)
    {
        foreach (var endpoint in _endpoints)
        {
            if (endpoint.IsVisitor) continue;
            var active = endpoint.HasBeenActive
                ? now - endpoint.LastActivity <= EndpointLimits.SilenceUntilInactive
                : now - endpoint.CreatedAt <= EndpointLimits.FirstTransfer;
            if (active != endpoint.ToldInactive) continue;
            endpoint.ToldInactive = !active;
            Broadcast(ChannelMessageWriter.ConnectivityStatus(endpoint.Id, active), now);
        }
    }
}

/// <summary>Why an endpoint ended.</summary>
public enum EndpointEnd
{
    /// <summary>Focus said so.</summary>
    Expired,
    Inactive,
    IceFailed,
    DtlsFailed,
    ConferenceEnded,

    /// <summary>An exception in its handling, or repeatedly in its conference's: our bug, which costs this endpoint or this conference and no other.</summary>
    InternalError,
}

public static class ConferenceLimits
{
    /// <summary>A conference without endpoints ends after this.</summary>
    public static readonly TimeSpan EmptyTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How often connectivity and expiry are looked at.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Above this size statistics go only to receivers for whom the sender matters.</summary>
    public const int StatsFilterThreshold = 20;

    /// <summary>Endpoints of one conference on this bridge; a further create is refused as overloaded.</summary>
    public const int MaxEndpoints = 2000;

    /// <summary>Conferences of one bridge; a further create is refused as overloaded.</summary>
    public const int MaxConferences = 20_000;

    /// <summary>Exceptions of a conference's own timers within <see cref="FaultWindow"/>; with the last it ends, and focus invites its people elsewhere.</summary>
    public const int MaxFaults = 3;

    public static readonly TimeSpan FaultWindow = TimeSpan.FromMinutes(1);
}
