using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.PeerTransport;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Receives the events of a shard, on its thread: implementations only enqueue.</summary>
internal interface IShardObserver
{
    void OnEndpointEnded(string meetingId, string endpointId, EndpointEnd reason);

    void OnTransportFailed(string meetingId, string endpointId, PeerFailure failure);

    /// <summary>The first message of an endpoint that its rate limits refused.</summary>
    void OnChannelLimited(string meetingId, string endpointId, ChannelRejection reason);

    /// <summary>An exception was contained.</summary>
    void OnFault(ShardFault kind, string? meetingId, string? endpointId, Exception error);

    /// <summary>A step of a traced join; each step is reported once.</summary>
    void OnJoinStep(string meetingId, string endpointId, EndpointJoin join, EndpointJoinStep step);
}

/// <summary>Counts exceptions of an observer (a log that cannot be written), so that they do not affect the shard.</summary>
internal sealed class ContainedObserver(IShardObserver inner, ShardCounters counters) : IShardObserver
{
    public void OnEndpointEnded(string meetingId, string endpointId, EndpointEnd reason)
    {
        try
        {
            inner.OnEndpointEnded(meetingId, endpointId, reason);
        }
        catch (Exception)
        {
            counters.Fault(ShardFault.Observer);
        }
    }

    public void OnTransportFailed(string meetingId, string endpointId, PeerFailure failure)
    {
        try
        {
            inner.OnTransportFailed(meetingId, endpointId, failure);
        }
        catch (Exception)
        {
            counters.Fault(ShardFault.Observer);
        }
    }

    public void OnChannelLimited(string meetingId, string endpointId, ChannelRejection reason)
    {
        try
        {
            inner.OnChannelLimited(meetingId, endpointId, reason);
        }
        catch (Exception)
        {
            counters.Fault(ShardFault.Observer);
        }
    }

    public void OnFault(ShardFault kind, string? meetingId, string? endpointId, Exception error)
    {
        try
        {
            inner.OnFault(kind, meetingId, endpointId, error);
        }
        catch (Exception)
        {
            counters.Fault(ShardFault.Observer);
        }
    }

    public void OnJoinStep(string meetingId, string endpointId, EndpointJoin join, EndpointJoinStep step)
    {
        try
        {
            inner.OnJoinStep(meetingId, endpointId, join, step);
        }
        catch (Exception)
        {
            counters.Fault(ShardFault.Observer);
        }
    }
}
