using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Announces to the clients of a conference which endpoints are inactive, and when they are active again. Visitors are never announced.</summary>
internal sealed class ConferenceConnectivity(Conference conference, MonotonicTime now)
{
    private readonly HashSet<string> _leftInactive = [];

    public MonotonicTime NextTimeout { get; private set; } = now + ConferenceLimits.CheckInterval;

    /// <summary>Clients know an endpoint by its id: an endpoint that left as inactive and returns is announced as active at the next check.</summary>
    public void Add(BridgeEndpoint endpoint) => endpoint.ToldInactive = _leftInactive.Remove(endpoint.Id) && !endpoint.IsVisitor;

    public void Remove(BridgeEndpoint endpoint)
    {
        if (endpoint.ToldInactive && _leftInactive.Count < ConferenceLimits.MaxEndpoints) _leftInactive.Add(endpoint.Id);
    }

    public void HandleTimeout(MonotonicTime now)
    {
        NextTimeout = now + ConferenceLimits.CheckInterval;
        foreach (var endpoint in conference.Endpoints)
        {
            if (endpoint.IsVisitor) continue;
            var active = endpoint.HasBeenActive
                ? now - endpoint.LastActivity <= EndpointLimits.SilenceUntilInactive
                : now - endpoint.CreatedAt <= EndpointLimits.FirstTransfer;
            if (active != endpoint.ToldInactive) continue;
            endpoint.ToldInactive = !active;
            conference.Broadcast(ChannelMessageWriter.ConnectivityStatus(endpoint.Id, active), now);
        }
    }
}
