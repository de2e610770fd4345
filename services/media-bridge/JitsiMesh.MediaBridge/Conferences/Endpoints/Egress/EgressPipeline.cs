using JitsiMesh.MediaBridge.BandwidthEstimation;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;
using JitsiMesh.Srtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>
/// The outgoing packets of one endpoint: 1 rewrite, 2 store for retransmission, 3 transport-wide number (video only), 4 count, 5 protect into the port's buffer, 6 report to
/// the estimator.
/// </summary>
internal sealed class EgressPipeline(BridgeEndpoint endpoint)
{
    private readonly byte[] _scratch = endpoint.Shard.Scratch;
    private readonly RetransmissionBudget _budget = new();
    private ushort _transportSequence;
    private ushort _probeSequence;
    private uint _probeTimestamp;

    public long RetransmissionsRefused => _budget.Refused;

    /// <summary>Receives each packet with a transport-wide number; null without transport-wide congestion control.</summary>
    public BandwidthEstimator? Estimator { get; set; }

    private bool TagsTransport => endpoint.Formats.UsesTransportCc && endpoint.Formats.TransportSequenceId != 0;

    public void SendAudio(in IngressPacket packet, EgressStream stream, in PacketNumbers numbers)
    {
        if (!endpoint.CanSend) return;
        var length = PacketComposer.Audio(_scratch, packet, numbers, stream, endpoint.Formats, endpoint.StampsMid);
        if (length > 0) stream.CountSent(packet.Payload.Length);
        Transmit(_scratch.AsSpan(0, length));
        if (endpoint.Join is not null) endpoint.Saw(EndpointJoinStep.FirstMediaSent);
    }

    public void SendVideo(in IngressPacket packet, EgressStream stream, in PacketNumbers numbers, MonotonicTime now)
    {
        if (!endpoint.CanSend) return;
        var transport = NextTransportSequence();
        if (packet.RingPosition >= 0)
        {
            stream.Sent!.Add(new SentPacket
            {
                Known = true,
                Sequence = numbers.Sequence,
                Ring = packet.Encoding!.Ring,
                RingPosition = packet.RingPosition,
                Numbers = numbers,
                PayloadType = packet.PayloadType,
                Codec = packet.Codec,
                Structure = packet.Description == FrameDescription.Descriptor ? packet.DescriptorFields.Structure : null,
                LastSent = now,
                FirstSent = now,
                TransportSequence = transport,
                FormatsVersion = endpoint.Formats.Version,
            });
        }

        var video = new VideoPacket
        {
            Payload = packet.Payload,
            Descriptor = packet.Descriptor,
            Structure = packet.Description == FrameDescription.Descriptor ? packet.DescriptorFields.Structure : null,
            Orientation = packet.Orientation,
            PayloadType = packet.PayloadType,
            Codec = packet.Codec,
            Numbers = numbers,
        };
        stream.CountSent(packet.Payload.Length);
        SendVideo(video, stream, transport, ProbeCluster.None, now);
        if (endpoint.Join is not null) endpoint.Saw(EndpointJoinStep.FirstMediaSent);
    }

    /// <summary>Answers one number of a NACK; false when the packet is not stored any more or was sent a moment ago.</summary>
    public bool Retransmit(EgressStream stream, ushort sequence, MonotonicTime now)
    {
        // A client's RTCP is still handled after its transport failed: no answer can be sent.
        if (!endpoint.CanSend) return false;
        ref var sent = ref stream.Sent!.Find(sequence);
        if (!sent.Known) return Unanswered();

        // A second NACK for the same loss arrives before the first answer can: within a round trip one answer is enough.
        var wait = endpoint.RoundTripTime is { } rtt ? Math.Min(rtt.TotalMilliseconds * 0.9, rtt.TotalMilliseconds - 5) : 0;
        if ((now - sent.LastSent).TotalMilliseconds < wait) return false;
        if (!sent.Ring.TryRead(sent.RingPosition, out var payload, out var descriptor, out var orientation)) return Unanswered();
        if (!_budget.TrySpend(payload.Length, endpoint.EstimateBps, now)) return false;
        sent.LastSent = now;
        endpoint.Counters.Retransmitted++;
        Resend(sent, payload, descriptor, orientation, stream, ProbeCluster.None, now);
        return true;
    }

    /// <summary>Sends about that many bytes to probe the path's capacity: recent packets again, else padding.</summary>
    /// <param name="bytes">The approximate number of bytes.</param>
    /// <param name="stream">The stream to take packets from.</param>
    /// <param name="now">The time.</param>
    /// <param name="cluster">The estimator's id of the probe, or <see cref="ProbeCluster.None"/>.</param>
    /// <param name="minPackets">The minimum number of packets.</param>
    public (int Bytes, int Packets) SendProbe(int bytes, EgressStream? stream, MonotonicTime now, short cluster, int minPackets)
    {
        if (!endpoint.CanSend || !TagsTransport) return default;
        var sentBytes = 0;
        var packets = 0;
        if (stream is { RtxSsrc: not 0, Sent: not null, Output.Started: true })
        {
            for (var back = 0; back < ProbeDepth && sentBytes + MinUsefulProbe <= bytes; back++)
            {
                ref var sent = ref stream.Sent.Recent((ushort)stream.Output.LastSequence, back);
                if (!sent.Known || endpoint.Formats.RtxFor(sent.PayloadType) == 0) continue;
                if (!sent.Ring.TryRead(sent.RingPosition, out var payload, out var descriptor, out var orientation)) break;
                if (payload.Length > bytes - sentBytes + MinUsefulProbe) continue;
                packets++;
                sentBytes += Resend(sent, payload, descriptor, orientation, stream, cluster, now);
            }
        }

        while (bytes - sentBytes >= MinPadding || packets < minPackets)
        {
            var padding = Math.Clamp(bytes - sentBytes, MinPadding, 255);
            var transport = ++_transportSequence;
            var length = PacketComposer.Padding(
                _scratch, endpoint.Formats.FirstVideoId, ++_probeSequence, _probeTimestamp, endpoint.Conference.FeedbackVideoSsrc, padding, endpoint.Formats, transport);
            var written = Transmit(_scratch.AsSpan(0, length));
            if (written <= 0) break;
            packets++;
            Estimator?.OnPacketSent(transport, written, now, cluster);
            sentBytes += written;
        }

        _probeTimestamp += 3000;
        return (sentBytes, packets);
    }

    public void SendRtcp(ReadOnlySpan<byte> plain)
    {
        if (!endpoint.CanSend) return;
        var destination = endpoint.Port!.Rent();
        if (endpoint.Transport.ProtectRtcp(plain, destination, out var written) == SrtpResult.Ok) endpoint.Commit(written);
    }

    private const int ProbeDepth = 32;
    private const int MinUsefulProbe = 200;
    private const int MinPadding = 50;

    private int Resend(in SentPacket sent, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> descriptor, int orientation, EgressStream stream, short cluster, MonotonicTime now)
    {
        var rtx = stream.RtxSsrc != 0 ? endpoint.Formats.RtxFor(sent.PayloadType) : (byte)0;
        var video = new VideoPacket
        {
            Payload = payload,
            Descriptor = descriptor,
            Structure = sent.Structure,
            Orientation = orientation,
            PayloadType = sent.PayloadType,
            Codec = sent.Codec,
            Numbers = sent.Numbers,
            RtxPayloadType = rtx,
            RtxSequence = rtx != 0 ? stream.NextRtxSequence++ : (ushort)0,
        };
        if (rtx != 0) return SendVideo(video, stream, NextTransportSequence(), cluster, now);

        // A resend under the same number uses the same nonce, so every byte must be the same too: a different header would reveal
        // the authentication key to an eavesdropper (AES-GCM). The estimator has already counted this transport-wide number.
        if (sent.FormatsVersion != endpoint.Formats.Version) return 0;
        var length = PacketComposer.Video(_scratch, video, stream, endpoint.Formats, endpoint.StampsMid, sent.TransportSequence, sent.FirstSent);
        return Math.Max(Transmit(_scratch.AsSpan(0, length)), 0);
    }

    private int NextTransportSequence() => TagsTransport ? ++_transportSequence : PacketComposer.NoTransportSequence;

    private int SendVideo(in VideoPacket video, EgressStream stream, int transport, short cluster, MonotonicTime now)
    {
        var length = PacketComposer.Video(_scratch, video, stream, endpoint.Formats, endpoint.StampsMid, transport, now);
        var written = Transmit(_scratch.AsSpan(0, length));
        if (written > 0 && transport >= 0) Estimator?.OnPacketSent((ushort)transport, written, now, cluster);
        return Math.Max(written, 0);
    }

    private int Transmit(ReadOnlySpan<byte> plain)
    {
        if (plain.IsEmpty)
        {
            endpoint.Counters.Drop(PacketDrop.NoRoom);
            return -1;
        }

        var destination = endpoint.Port!.Rent();
        if (endpoint.Transport.ProtectRtp(plain, destination, out var written) != SrtpResult.Ok)
        {
            endpoint.Counters.Drop(PacketDrop.Transport);
            return -1;
        }

        endpoint.Commit(written);
        return written;
    }

    private bool Unanswered()
    {
        endpoint.Counters.NacksAnsweredEmpty++;
        return false;
    }
}
