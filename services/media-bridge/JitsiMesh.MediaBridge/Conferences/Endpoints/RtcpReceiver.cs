using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>Handles an endpoint's RTCP. The bridge terminates RTCP: it acts on each packet of a compound, and forwards only sender reports, rewritten.</summary>
internal sealed class RtcpReceiver(BridgeEndpoint endpoint)
{
    private static readonly TimeSpan MaxRoundTrip = TimeSpan.FromSeconds(7);

    /// <summary>A report that waited longer than this at the receiver is useless for the round trip time.</summary>
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(5);

    private readonly TokenBucket _packets = new(EndpointLimits.RtcpPerSecond, EndpointLimits.RtcpBurst);

    public void Handle(ReadOnlySpan<byte> compound, MonotonicTime now)
    {
        foreach (var packet in new RtcpCompound(compound))
        {
            if (!MayHandle(now)) continue;
            switch (packet.Kind)
            {
                case RtcpKind.SenderReport:
                    if (SenderReportView.TryParse(packet, out var sender)) OnSenderReport(sender, now);
                    else Malformed();
                    break;
                case RtcpKind.ReceiverReport:
                    if (ReceiverReportView.TryParse(packet, out var receiver)) OnReportBlocks(receiver.Blocks, now);
                    else Malformed();
                    break;
                case RtcpKind.Nack:
                    OnNack(packet, now);
                    break;
                case RtcpKind.Pli:
                    OnKeyframeRequest(packet.MediaSsrc, now);
                    break;
                case RtcpKind.Fir:
                    var entries = new FirEntries(packet);
                    for (var i = 0; i < entries.Count && (i == 0 || MayHandle(now)); i++) OnKeyframeRequest(entries[i].Ssrc, now);
                    break;
                case RtcpKind.TransportFeedback:
                    if (TransportFeedbackView.TryParse(packet, out var feedback)) endpoint.Allocation.OnTransportFeedback(feedback, now);
                    else Malformed();
                    break;
            }
        }
    }

    /// <summary>Each packet searches its stream among all outgoing streams of the endpoint.</summary>
    private bool MayHandle(MonotonicTime now)
    {
        if (_packets.TryTake(1, now)) return true;
        endpoint.Counters.Drop(PacketDrop.RtcpTooOften);
        return false;
    }

    private void OnSenderReport(in SenderReportView report, MonotonicTime now)
    {
        OnReportBlocks(report.Blocks, now);
        if (endpoint.Ingress.FindEncoding(report.Ssrc) is { } encoding)
        {
            encoding.Statistics.OnSenderReport(report.Info.Ntp, now);
            ForwardVideoReport(encoding, report, now);
        }
        else if (endpoint.Ingress.FindAudio(report.Ssrc) is { } audio)
        {
            audio.Statistics.OnSenderReport(report.Info.Ntp, now);
            ForwardAudioReport(audio, report, now);
        }
    }

    /// <summary>
    /// A receiver gets only the sender reports of its forwarded encoding, with the time mapped like the packets': the clocks of encodings have different start values, so any
    /// other mapping would break lip-sync after a change.
    /// </summary>
    private static void ForwardVideoReport(VideoEncoding encoding, in SenderReportView report, MonotonicTime now)
    {
        foreach (var subscription in encoding.Source.Subscriptions)
        {
            if (subscription.Projection is not { } projection || subscription.Stream is not { } stream) continue;
            if (!projection.TryMapTimestamp(encoding.Index, report.Info.RtpTimestamp, out var mapped)) continue;
            Send(subscription.Receiver, stream, report, mapped, now);
        }
    }

    private static void ForwardAudioReport(AudioSource source, in SenderReportView report, MonotonicTime now)
    {
        foreach (var subscription in source.Subscriptions)
        {
            if (!subscription.Wanted || subscription.Stream is not { } stream) continue;
            Send(subscription.Receiver, stream, report, report.Info.RtpTimestamp + subscription.TimestampDelta, now);
        }
    }

    private static void Send(BridgeEndpoint receiver, EgressStream stream, in SenderReportView report, uint timestamp, MonotonicTime now)
    {
        if (stream.PacketCount == 0 || !receiver.CanSend) return;
        try
        {
            Span<byte> buffer = stackalloc byte[64];
            var writer = new RtcpWriter(buffer);
            writer.TryWriteSenderReport(stream.Ssrc, new SenderInfo(report.Info.Ntp, timestamp, stream.PacketCount, stream.OctetCount), []);
            stream.RememberReport(report.Info.Ntp.Compact, now);
            receiver.Egress.SendRtcp(writer.Written);
        }
        catch (Exception e)
        {
            receiver.Shard.Blame(receiver, ShardFault.Forward, e);
        }
    }

    private void OnReportBlocks(ReportBlocks blocks, MonotonicTime now)
    {
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            if (FindStream(block.Ssrc, out _) is not { } stream) continue;
            if (block.LastSenderReport == 0 || !stream.TryFindReport(block.LastSenderReport, out var sent)) continue;
            var delay = NtpTime.FromCompactDelay(block.DelaySinceLastSenderReport);
            var roundTrip = now - sent - delay;
            if (delay > MaxDelay || roundTrip < TimeSpan.Zero || roundTrip > MaxRoundTrip) continue;
            endpoint.RoundTripTime = roundTrip;
            endpoint.Allocation.OnRoundTrip(roundTrip, now);
        }
    }

    private void OnNack(in RtcpPacketView packet, MonotonicTime now)
    {
        if (FindStream(packet.MediaSsrc, out _) is not { Sent: not null } stream) return;
        foreach (var sequence in new NackedSequenceNumbers(packet)) endpoint.Egress.Retransmit(stream, sequence, now);
    }

    private void OnKeyframeRequest(uint mediaSsrc, MonotonicTime now)
    {
        if (FindStream(mediaSsrc, out var subscription) is null || subscription is null) return;

        // The forwarded encoding, or the wanted one; a client that sends only its smallest encoding is asked for that one.
        var source = subscription.Source;
        var current = subscription.Projection?.CurrentEncoding ?? -1;
        var encoding = source.Encodings[Math.Clamp(current, 0, source.Encodings.Length - 1)];
        if (subscription.Projection is { } projection && projection.WantsKeyframe(now, out var wanted) && wanted is not null) encoding = wanted;
        KeyframeRequests.Send(encoding, endpoint, now);
    }

    private EgressStream? FindStream(uint ssrc, out VideoSubscription? video)
    {
        video = null;
        if (endpoint.VideoSlots is { } slots)
        {
            foreach (var slot in slots.Slots)
            {
                if (slot.Stream.Ssrc != ssrc) continue;
                video = slot.Holder;
                return slot.Stream;
            }

            foreach (var slot in endpoint.AudioSlots!.Slots)
            {
                if (slot.Stream.Ssrc == ssrc) return slot.Stream;
            }

            return null;
        }

        foreach (var subscription in endpoint.VideoSubscriptions.Values)
        {
            if (subscription.Stream?.Ssrc != ssrc) continue;
            video = subscription;
            return subscription.Stream;
        }

        foreach (var subscription in endpoint.AudioSubscriptions.Values)
        {
            if (subscription.Stream?.Ssrc == ssrc) return subscription.Stream;
        }

        return null;
    }

    private void Malformed() => endpoint.Counters.Drop(PacketDrop.MalformedRtcp);
}
