using System.Text.Json;
using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>Handles the bridge channel messages of a conference's clients, and sends the state to a channel that opens.</summary>
internal sealed class ConferenceMessages(Conference conference)
{
    public void Handle(BridgeEndpoint sender, ChannelMessage message, MonotonicTime now)
    {
        switch (message)
        {
            case ClientHello:
                sender.Channel.Send(ChannelMessageWriter.ServerHello(), now);
                break;
            case ReceiverVideoConstraints constraints:
                sender.Allocation.Apply(constraints, now);
                break;
            case LastNChanged lastN:
                sender.Allocation.Apply(lastN, now);
                break;
            case ReceiverAudioSubscription subscription:
                sender.SetAudioSubscription(subscription);
                break;
            case SourceVideoTypeChanged videoType when !sender.IsVisitor:
                conference.Sources.SetVideoType(sender, videoType.SourceName, videoType.VideoType, now);
                break;
            case EndpointText text when !sender.IsVisitor:
                RouteText(sender, text, now);
                break;
            case EndpointStatistics statistics when !sender.IsVisitor:
                RouteStatistics(sender, statistics.Body, now);
                break;
        }
    }

    /// <summary>The state for a channel that has just opened, in the order that clients rely on.</summary>
    public void Replay(BridgeEndpoint endpoint, MonotonicTime now)
    {
        // Without any receiver's constraints, the sender chooses its resolution.
        foreach (var source in endpoint.VideoSources)
        {
            if (source.MaxRequestedHeight >= -1) endpoint.Channel.Send(ChannelMessageWriter.SenderSourceConstraints(source.Name, source.MaxRequestedHeight), now);
        }

        endpoint.Allocation.Replay(now);
        if (endpoint.RewritesSsrcs)
        {
            endpoint.Channel.Send(ChannelMessageWriter.VideoSourcesMap(SourceMaps.AllVideo(endpoint)), now);
            endpoint.Channel.Send(ChannelMessageWriter.AudioSourcesMap(SourceMaps.AllAudio(endpoint)), now);
        }

        foreach (var other in conference.Endpoints)
        {
            if (other.ToldInactive) endpoint.Channel.Send(ChannelMessageWriter.ConnectivityStatus(other.Id, active: false), now);
        }

        if (conference.Speech.DominantMessage() is { } dominant) endpoint.Channel.Send(dominant, now);
    }

    private void RouteText(BridgeEndpoint sender, EndpointText text, MonotonicTime now)
    {
        if (!TryStamp(sender, text.Body, out var stamped)) return;
        if (text.To.Length == 0)
        {
            if (sender.Channel.Gate.MayForward(stamped.Length, conference.Endpoints.Count - 1, now)) conference.Broadcast(stamped, now, except: sender);
        }
        else if (conference.Find(text.To) is { } receiver && sender.Channel.Gate.MayForward(stamped.Length, 1, now))
        {
            receiver.Channel.Send(stamped, now);
        }
    }

    private void RouteStatistics(BridgeEndpoint sender, JsonElement body, MonotonicTime now)
    {
        if (!TryStamp(sender, body, out var stamped)) return;
        var all = conference.Endpoints.Count <= ConferenceLimits.StatsFilterThreshold || conference.Speech.IsRecent(sender);
        var receivers = conference.Endpoints.Where(receiver => !ReferenceEquals(receiver, sender) && (all || IsSeenBy(receiver, sender))).ToList();
        if (!sender.Channel.Gate.MayForward(stamped.Length, receivers.Count, now)) return;
        foreach (var receiver in receivers) receiver.Channel.Send(stamped, now);
    }

    private static bool TryStamp(BridgeEndpoint sender, JsonElement body, out byte[] stamped)
    {
        if (ChannelMessageWriter.TryStamp(body, sender.Id, out stamped)) return true;
        sender.Counters.Reject(ChannelRejection.NotJson);
        return false;
    }

    private static bool IsSeenBy(BridgeEndpoint receiver, BridgeEndpoint sender)
    {
        foreach (var source in sender.VideoSources)
        {
            if (receiver.VideoSubscriptions.TryGetValue(source, out var subscription) && !subscription.EffectiveConstraints.IsOff) return true;
            if (receiver.Allocation.Settings.OnStageSources.Contains(source.Name) || receiver.Allocation.Settings.SelectedSources.Contains(source.Name)) return true;
        }

        return false;
    }
}
