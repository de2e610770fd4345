using JitsiMesh.MediaBridge.BandwidthEstimation;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>
/// The steps for an endpoint's authenticated RTP packet: 1 header, 2 payload type, 3 transport-wide arrival, 4 permission to send, 5 stream, 6 statistics, 7 retransmission
/// format, 8 duplicates and NACKs, 9 padding and silence, 10 codec and frame, 11 layer rates, 12 fan-out.
/// </summary>
internal sealed class IngressPipeline(BridgeEndpoint endpoint)
{
    private readonly Dictionary<uint, StreamEntry> _streams = [];
    private readonly EndpointFormats _formats = endpoint.Formats;
    private readonly MediaFanOut _fanOut = endpoint.Conference.FanOut;
    private readonly ConferenceSpeech _speech = endpoint.Conference.Speech;

    public TransportFeedbackGenerator Feedback { get; } = new();

    /// <summary>When the last media packet arrived; the endpoint ticks faster for a while after it.</summary>
    public MonotonicTime LastMedia { get; private set; }

    public bool HasMedia { get; private set; }

    public void AddAudio(AudioSource source) => _streams[source.Ssrc] = new StreamEntry { Audio = source };

    public void AddVideo(VideoSource source)
    {
        foreach (var encoding in source.Encodings)
        {
            _streams[encoding.Ssrc] = new StreamEntry { Encoding = encoding };
            if (encoding.RtxSsrc != 0) _streams[encoding.RtxSsrc] = new StreamEntry { Encoding = encoding, IsRtx = true };
        }
    }

    public void Remove(SourceLayout layout)
    {
        foreach (var ssrc in layout.AllSsrcs()) _streams.Remove(ssrc);
    }

    public VideoEncoding? FindEncoding(uint ssrc) => _streams.TryGetValue(ssrc, out var entry) && !entry.IsRtx ? entry.Encoding : null;

    public AudioSource? FindAudio(uint ssrc) => _streams.TryGetValue(ssrc, out var entry) ? entry.Audio : null;

    /// <param name="data">The decrypted packet.</param>
    /// <param name="now">The time.</param>
    /// <param name="arrival">When the packet reached this machine, which may be earlier than now on a busy machine.</param>
    public void HandleRtp(ReadOnlySpan<byte> data, MonotonicTime now, MonotonicTime arrival)
    {
        // 1. Header.
        if (!RtpPacketView.TryParse(data, out var view))
        {
            endpoint.Counters.Drop(PacketDrop.Malformed);
            return;
        }

        // 2. Payload type.
        var format = _formats.Find(view.PayloadType);
        if (format is null)
        {
            endpoint.Counters.Drop(PacketDrop.UnknownPayloadType);
            return;
        }

        LastMedia = now;
        HasMedia = true;
        var packet = new IngressPacket
        {
            PayloadType = view.PayloadType,
            Codec = format.Codec,
            Marker = view.Marker,
            Timestamp = view.Timestamp,
            Arrival = now,
            Payload = view.Payload,
        };
        var transportSequence = ReadExtensions(view, ref packet);

        // 3. Transport-wide arrival: before anything is dropped, or the sender would count our drops as loss.
        if (transportSequence >= 0)
        {
            Feedback.OnPacket((ushort)transportSequence, view.Ssrc, view.Marker, arrival);
            if (Feedback.NextTimeout <= now) endpoint.SendTransportFeedback(now);
        }

        if (view.Payload.Length > IngressLimits.MaxPayloadBytes)
        {
            endpoint.Counters.Drop(PacketDrop.TooLong);
            return;
        }

        // 4. Permission to send.
        if (endpoint.IsVisitor)
        {
            endpoint.Counters.Drop(PacketDrop.Visitor);
            return;
        }

        // 5. Stream.
        if (!_streams.TryGetValue(view.Ssrc, out var stream))
        {
            endpoint.Counters.Drop(PacketDrop.UnknownSsrc);
            return;
        }

        if (stream.Audio is not null) HandleAudio(stream.Audio, view, ref packet, now, arrival);
        else HandleVideo(stream, format, view, ref packet, now, arrival);
    }

    private void HandleAudio(AudioSource source, in RtpPacketView view, ref IngressPacket packet, MonotonicTime now, MonotonicTime arrival)
    {
        // 6. Statistics.
        source.Statistics.OnPacket(view.SequenceNumber, view.Timestamp, arrival);
        source.LastPacket = now;
        source.Seen = true;
        if (endpoint.ForceMuteAudio)
        {
            source.Discard(view.SequenceNumber);
            endpoint.Counters.Drop(PacketDrop.ForceMuted);
            return;
        }

        // 9. Padding and silence.
        if (packet.Payload.IsEmpty)
        {
            source.Discard(view.SequenceNumber);
            endpoint.Counters.Drop(PacketDrop.Padding);
            return;
        }

        if (packet.AudioLevel >= 0) _speech.OnAudioLevel(endpoint, AudioLevel.Silence - (packet.AudioLevel & 0x7F), now);
        if (!source.TryTake(ref packet, view.SequenceNumber))
        {
            endpoint.Counters.Drop(PacketDrop.Silence);
            return;
        }

        // 12. Fan-out.
        _fanOut.Forward(source, packet, now);
    }

    private void HandleVideo(in StreamEntry stream, PayloadFormat format, in RtpPacketView view, ref IngressPacket packet, MonotonicTime now, MonotonicTime arrival)
    {
        var encoding = stream.Encoding!;
        if (endpoint.ForceMuteVideo)
        {
            endpoint.Counters.Drop(PacketDrop.ForceMuted);
            return;
        }

        // 6. Statistics, without retransmissions: they have their own numbers.
        if (!stream.IsRtx) encoding.Statistics.OnPacket(view.SequenceNumber, view.Timestamp, arrival);

        // 7. Retransmission format.
        var sequence = view.SequenceNumber;
        if (format.Codec == Codec.Rtx || stream.IsRtx)
        {
            if (!RtxPacket.TryReadOriginalSequenceNumber(view, out sequence))
            {
                endpoint.Counters.Drop(PacketDrop.Padding);
                return;
            }

            packet.Payload = packet.Payload[RtxPacket.OsnLength..];
            packet.PayloadType = format.Codec == Codec.Rtx ? format.AssociatedId : packet.PayloadType;
            packet.Codec = _formats.Find(packet.PayloadType)?.Codec ?? Codec.Other;
        }

        // 8. Duplicates and NACKs.
        var unrolled = encoding.Unwrap(sequence);
        if (encoding.IsDuplicate(unrolled))
        {
            endpoint.Counters.Drop(PacketDrop.Duplicate);
            return;
        }

        encoding.Nacks.OnPacket(unrolled, now);
        if (encoding.Nacks.NextTimeout <= now) endpoint.SendNacks(encoding, now);

        // 9. Padding.
        if (packet.Payload.IsEmpty)
        {
            encoding.Discard(unrolled);
            endpoint.Counters.Drop(PacketDrop.Padding);
            return;
        }

        // 10. Codec and frame.
        if (!encoding.Describe(ref packet, unrolled))
        {
            endpoint.Counters.Drop(PacketDrop.Undescribed);
            if (encoding.Revive(now)) ConferenceSources.OnLayersChanged(encoding.Source);
            if (packet.Encoding is not null) KeyframeRequests.Send(encoding, null, now);
            return;
        }

        // 11. Layer rates.
        encoding.PayloadType = packet.PayloadType;
        encoding.Measure(packet, now);
        if (encoding.Revive(now))
        {
            // The layers of a keyframe can be chosen at once; after it the receivers would need another one.
            if (packet.KeyframeStart) endpoint.Conference.Sources.ReallocateFor(encoding.Source, now);
            else ConferenceSources.OnLayersChanged(encoding.Source);
        }

        // 12. Fan-out.
        _fanOut.Forward(encoding, ref packet, now);
    }

    /// <summary>Reads the needed header extensions and returns the transport-wide sequence number, or -1.</summary>
    private int ReadExtensions(in RtpPacketView view, ref IngressPacket packet)
    {
        var transportSequence = -1;
        packet.AudioLevel = packet.Orientation = -1;
        foreach (var extension in view.Extensions)
        {
            var id = extension.Id;
            if (id == _formats.TransportSequenceId && extension.Value.Length >= 2) transportSequence = (extension.Value[0] << 8) | extension.Value[1];
            else if (id == _formats.AudioLevelId && extension.Value.Length >= 1) packet.AudioLevel = extension.Value[0];
            else if (id == _formats.DescriptorId) packet.Descriptor = extension.Value;
            else if (id == _formats.OrientationId && extension.Value.Length >= 1) packet.Orientation = extension.Value[0];
        }

        return transportSequence;
    }

    private struct StreamEntry
    {
        public AudioSource? Audio;
        public VideoEncoding? Encoding;
        public bool IsRtx;
    }
}
