using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>The constraints that senders get from their receivers' requests.</summary>
internal static class SenderConstraints
{
    /// <summary>Sends a source's owner the largest wanted height, when it changed.</summary>
    public static void Tell(VideoSource source, MonotonicTime now)
    {
        var height = 0;
        var anyLayout = false;
        foreach (var subscription in source.Subscriptions)
        {
            anyLayout |= subscription.Receiver.Allocation.Settings.Received;
            var wanted = subscription.EffectiveConstraints;
            if (wanted.IsOff) continue;
            if (wanted.MaxHeight < 0)
            {
                height = -1;
                break;
            }

            height = Math.Max(height, wanted.MaxHeight);
        }

        // Announcing "not wanted" before any receiver sent constraints would only delay the first picture.
        if (height == source.MaxRequestedHeight || (source.MaxRequestedHeight < -1 && height == 0 && !anyLayout)) return;
        source.MaxRequestedHeight = height;
        source.Owner.Channel.Send(ChannelMessageWriter.SenderSourceConstraints(source.Name, height), now);
    }
}
