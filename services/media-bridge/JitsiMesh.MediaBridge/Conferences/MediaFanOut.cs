using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences;

/// <summary>The fan-out: one packet in, one rewritten copy for each receiver that wants it. A failure for one receiver ends only that receiver; the others get their copies.</summary>
/// <param name="shard">Contains the failures.</param>
internal sealed class MediaFanOut(BridgeShard shard)
{
    /// <summary>Markers for the ring position of a packet that is not stored yet, and of one that its encoding is about to store: a failure in between is the sender's.</summary>
    private const long NotStored = -2;

    private const long Storing = -3;

    public void Forward(AudioSource source, in IngressPacket packet, MonotonicTime now)
    {
        var failed = false;
        for (var next = 0; ;)
        {
            try
            {
                ForwardToNext(source.Subscriptions, packet, ref next, now);
                return;
            }
            catch (Exception e)
            {
                // The failure belongs to the receiver being served; the following receivers still get the packet. A packet that fails for a second receiver is itself the cause.
                shard.Blame(failed ? source.Owner : source.Subscriptions[next - 1].Receiver, ShardFault.Forward, e);
                if (failed) return;
                failed = true;
            }
        }
    }

    public void Forward(VideoEncoding encoding, ref IngressPacket packet, MonotonicTime now)
    {
        packet.RingPosition = NotStored;
        var failed = false;
        for (var next = 0; ;)
        {
            try
            {
                ForwardToNext(encoding, ref packet, ref next, now);
                return;
            }
            catch (Exception e) when (packet.RingPosition != Storing)
            {
                shard.Blame(failed ? encoding.Source.Owner : encoding.Source.Subscriptions[next - 1].Receiver, ShardFault.Forward, e);
                if (failed) return;
                failed = true;
            }
        }
    }

    /// <param name="next">The receiver after the current one, where the loop continues after an exception.</param>
    private static void ForwardToNext(List<AudioSubscription> subscriptions, in IngressPacket packet, ref int next, MonotonicTime now)
    {
        while (next < subscriptions.Count)
        {
            var subscription = subscriptions[next++];
            var receiver = subscription.Receiver;
            if (!subscription.Wanted || !receiver.CanSend) continue;
            if (subscription.Stream is null && !TryLendAudioSlot(subscription, now))
            {
                receiver.Counters.Drop(PacketDrop.NoSlot);
                continue;
            }

            if (!subscription.TryProject(packet, out var numbers)) continue;
            if (packet.Codec == Codec.Red && receiver.Formats.Find(packet.PayloadType) is null)
            {
                if (RedPayload.TryGetPrimary(packet, out var primary)) receiver.Egress.SendAudio(primary, subscription.Stream!, numbers);
                continue;
            }

            receiver.Egress.SendAudio(packet, subscription.Stream!, numbers);
        }
    }

    private static void ForwardToNext(VideoEncoding encoding, ref IngressPacket packet, ref int next, MonotonicTime now)
    {
        var subscriptions = encoding.Source.Subscriptions;
        while (next < subscriptions.Count)
        {
            var subscription = subscriptions[next++];
            // The projection of a receiver that cannot be sent to is not advanced: a keyframe projected for it would be lost.
            if (subscription.TargetLayer < 0 || !subscription.Receiver.CanSend) continue;
            if (subscription.TryProject(packet, out var numbers))
            {
                if (packet.RingPosition == NotStored)
                {
                    packet.RingPosition = Storing;
                    packet.RingPosition = encoding.Ring.Append(packet);
                }

                subscription.Receiver.Egress.SendVideo(packet, subscription.Stream!, numbers, now);
            }

            // Called with every packet while a change waits for a keyframe; the requester limits the rate.
            if (subscription.Projection is { } projection && projection.WantsKeyframe(now, out var wanted) && wanted is not null)
            {
                KeyframeRequests.Send(wanted, subscription.Receiver, now);
            }
        }
    }

    /// <summary>
    /// A slot used a moment ago keeps its source: with more voices at once than slots, sources would otherwise take slots from each other packet by packet, and each change is
    /// a message to the client.
    /// </summary>
    private static bool TryLendAudioSlot(AudioSubscription subscription, MonotonicTime now)
    {
        var receiver = subscription.Receiver;
        if (receiver.AudioSlots is not { } slots) return false;
        if (slots.WouldEvict(out var lastUsed) && (now - lastUsed < EndpointLimits.AudioSlotHold || !receiver.AudioSteals.TryTake(1, now))) return false;
        slots.Assign(subscription, subscription.Source.Name, now, out var stream, out var evicted);
        evicted?.SetStream(null);
        subscription.SetStream(stream);
        receiver.Channel.Send(ChannelMessageWriter.AudioSourcesMap([SourceMaps.Entry(subscription, stream)]), now);
        return true;
    }
}
