using JitsiMesh.MediaBridge.BridgeChannel;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Allocation;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints;

/// <summary>The bridge's reports about what it sends to the endpoint, and the endpoint's timer.</summary>
internal sealed partial class BridgeEndpoint
{
    private const int MaxRtcpBytes = 1200;
    private const int NacksAtOnce = 64;
    private static readonly TimeSpan MediaLinger = TimeSpan.FromSeconds(1);

    public void SendTransportFeedback(MonotonicTime now)
    {
        if (!CanSend) return;
        Span<byte> buffer = stackalloc byte[MaxRtcpBytes];
        while (Ingress.Feedback.TryBuild(Conference.FeedbackVideoSsrc, buffer, now, out var written)) Egress.SendRtcp(buffer[..written]);
    }

    public void SendNacks(VideoEncoding encoding, MonotonicTime now)
    {
        Span<ushort> missing = stackalloc ushort[NacksAtOnce];
        var count = encoding.Nacks.Collect(now, missing);
        if (count == 0 || !CanSend) return;
        Span<byte> buffer = stackalloc byte[MaxRtcpBytes];
        var writer = new RtcpWriter(buffer);
        writer.WriteNack(Conference.FeedbackVideoSsrc, encoding.Ssrc, missing[..count]);
        Egress.SendRtcp(writer.Written);
    }

    public void SendPli(uint mediaSsrc)
    {
        if (!CanSend) return;
        try
        {
            Span<byte> buffer = stackalloc byte[64];
            var writer = new RtcpWriter(buffer);
            writer.TryWritePli(Conference.FeedbackVideoSsrc, mediaSsrc);
            Egress.SendRtcp(writer.Written);
            Counters.KeyframesRequested++;
        }
        catch (Exception e)
        {
            // Others request this stream: it must not be the endpoint's own.
            Shard.Blame(this, ShardFault.Forward, e);
        }
    }

    private void Tick(MonotonicTime now)
    {
        var active = Ingress.HasMedia && now - Ingress.LastMedia < MediaLinger;
        if (active)
        {
            foreach (var source in VideoSources)
            {
                foreach (var encoding in source.Encodings)
                {
                    if (encoding.Nacks.NextTimeout <= now) SendNacks(encoding, now);
                }
            }

            if (Ingress.Feedback.NextTimeout <= now) SendTransportFeedback(now);
        }

        if (now >= _nextReport)
        {
            _nextReport = now + EndpointLimits.ReportInterval;
            SendReceiverReports(now);
        }

        ReplayWhenDue(now);
        Channel.Gate.Tick(now);
        Allocation.Tick(now);
        if (now >= _nextConnectionStats)
        {
            _nextConnectionStats = now + EndpointLimits.ConnectionStatsInterval;
            if (Allocation.HasEstimate) Channel.Send(ChannelMessageWriter.ConnectionStats(EstimateBps), now);
        }

        _nextTick = now + (Allocation.IsProbing ? ProbePacer.Step : active || Allocation.IsBusy || Channel.Gate.HasKept ? EndpointLimits.ActiveTick : EndpointLimits.IdleTick);
    }

    /// <summary>The estimate of the downlink; the initial value before any feedback.</summary>
    public long EstimateBps => Allocation.EstimateBps;

    private void SendReceiverReports(MonotonicTime now)
    {
        if (!CanSend || !Ingress.HasMedia) return;
        Span<ReportBlock> blocks = stackalloc ReportBlock[RtpLimits.MaxReportBlocks];
        Span<byte> buffer = stackalloc byte[MaxRtcpBytes];
        var count = 0;
        foreach (var source in AudioSources)
        {
            if (source.Seen && now - source.LastPacket < TimeSpan.FromSeconds(5) && count < blocks.Length) blocks[count++] = source.Statistics.BuildReportBlock(now);
        }

        foreach (var source in VideoSources)
        {
            foreach (var encoding in source.Encodings)
            {
                if (!encoding.Seen || now - encoding.LastPacket > TimeSpan.FromSeconds(5) || count == blocks.Length) continue;
                blocks[count++] = encoding.Statistics.BuildReportBlock(now);
            }
        }

        if (count == 0) return;
        var writer = new RtcpWriter(buffer);
        writer.TryWriteReceiverReport(Conference.FeedbackVideoSsrc, blocks[..count]);
        Egress.SendRtcp(writer.Written);
    }
}
