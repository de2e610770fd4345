using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.Headless.Media;

public sealed partial class HeadlessEndpoint
{
    private const int MaxCompound = 1100;
    private static readonly TimeSpan ReportTick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ReceiverReportInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SenderReportInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeyframeRequestInterval = TimeSpan.FromMilliseconds(200);
    private static readonly NtpTime Epoch = NtpTime.FromDateTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly Dictionary<uint, ReceivedStream> _streams = [];
    private readonly Dictionary<uint, uint> _rtxToPrimary = [];
    private readonly Dictionary<uint, MonotonicTime> _lastKeyframeRequest = [];
    private readonly ArrivalReports _arrivals = new();
    private MonotonicTime _nextReport;
    private MonotonicTime _lastReceiverReport;
    private MonotonicTime _lastSenderReport;

    /// <summary>By SSRC, as received.</summary>
    public IReadOnlyDictionary<uint, ReceivedStream> Streams => _streams;

    public long RtpSent { get; private set; }

    public long NacksReceived { get; private set; }

    public long NacksSent { get; private set; }

    public long Retransmissions { get; private set; }

    public long KeyframeRequestsReceived { get; private set; }

    public long KeyframeRequestsSent { get; private set; }

    public long TransportFeedbackReceived { get; private set; }

    public long SenderReportsReceived { get; private set; }

    public long ReceiverReportsReceived { get; private set; }

    /// <summary>Packets with an unknown payload type or RTX SSRC.</summary>
    public long UnknownPackets { get; private set; }

    public int KeyframesSent => _video.Sum(v => v.KeyframesSent);

    /// <summary>Sets the SSRC of a stream's retransmissions, if no map contains it.</summary>
    public void ExpectRtx(uint primary, uint rtx) => _rtxToPrimary[rtx] = primary;

    private void OnRtp(Span<byte> buffer, int length, MonotonicTime now)
    {
        if (!RtpPacketView.TryParse(buffer[..length], out var packet))
        {
            UnknownPackets++;
            return;
        }

        if (packet.TryGetExtension(_options.TransportCcExtension, out var number) && number.Length == 2) _arrivals.OnPacket((ushort)((number[0] << 8) | number[1]), now);
        if (packet.PayloadType == _options.RtxPayloadType)
        {
            OnRtx(buffer, length, packet.Ssrc, now);
            return;
        }

        if (packet.PayloadType != _options.OpusPayloadType && packet.PayloadType != _options.Vp8PayloadType)
        {
            UnknownPackets++;
            return;
        }

        var stream = GetStream(packet, now);
        stream.OnPacket(packet, recovered: false, now);
        if (packet.TryGetExtension(_options.AudioLevelExtension, out var value) && Rtp.AudioLevel.TryParse(value, out var level)) stream.AudioLevel = level.Level;
    }

    private void OnRtx(Span<byte> buffer, int length, uint ssrc, MonotonicTime now)
    {
        if (!_rtxToPrimary.TryGetValue(ssrc, out var primary))
        {
            primary = Channel.Sources.Values.FirstOrDefault(s => s.Rtx == ssrc)?.Ssrc ?? 0;
            if (primary == 0)
            {
                UnknownPackets++;
                return;
            }
        }

        if (RtxPacket.Decapsulate(buffer, length, _options.Vp8PayloadType, primary, out var plain) != RtxResult.Ok) return;
        if (RtpPacketView.TryParse(buffer[..plain], out var packet)) GetStream(packet, now).OnPacket(packet, recovered: true, now);
    }

    private ReceivedStream GetStream(scoped in RtpPacketView packet, MonotonicTime now)
    {
        if (_streams.TryGetValue(packet.Ssrc, out var stream)) return stream;
        stream = new ReceivedStream(packet.Ssrc, packet.PayloadType == _options.Vp8PayloadType, now);
        _streams.Add(packet.Ssrc, stream);
        return stream;
    }

    private void OnRtcp(ReadOnlySpan<byte> compound, MonotonicTime now)
    {
        foreach (var packet in new RtcpCompound(compound))
        {
            switch (packet.Kind)
            {
                case RtcpKind.SenderReport when SenderReportView.TryParse(packet, out var report):
                    SenderReportsReceived++;
                    if (_streams.TryGetValue(report.Ssrc, out var stream)) stream.Statistics.OnSenderReport(report.Info.Ntp, now);
                    break;
                case RtcpKind.ReceiverReport:
                    ReceiverReportsReceived++;
                    break;
                case RtcpKind.Nack:
                    NacksReceived++;
                    foreach (var number in new NackedSequenceNumbers(packet))
                    {
                        if (_packets.Retransmit(packet.MediaSsrc, number) is not { } retransmission) continue;
                        Retransmissions++;
                        SendRtp(retransmission);
                    }

                    break;
                case RtcpKind.Pli:
                    OnKeyframeRequest(packet.MediaSsrc);
                    break;
                case RtcpKind.Fir:
                    var entries = new FirEntries(packet);
                    for (var i = 0; i < entries.Count; i++) OnKeyframeRequest(entries[i].Ssrc);
                    break;
                case RtcpKind.TransportFeedback:
                    TransportFeedbackReceived++;
                    break;
            }
        }
    }

    // A browser encodes keyframes on all encodings when one is requested.
    private void OnKeyframeRequest(uint ssrc)
    {
        if (!Array.Exists(_video, v => v.Ssrcs.Primary == ssrc)) return;
        KeyframeRequestsReceived++;
        foreach (var video in _video) video.RequestKeyframe();
    }

    private void Report(MonotonicTime now)
    {
        if (now < _nextReport) return;
        _nextReport = now + ReportTick;
        Span<byte> buffer = stackalloc byte[MaxCompound];
        Span<ushort> missing = stackalloc ushort[50];
        foreach (var stream in _streams.Values)
        {
            var count = stream.CollectMissing(missing, now);
            var writer = new RtcpWriter(buffer);
            if (count > 0)
            {
                writer.WriteNack(_audio.Ssrc, stream.Ssrc, missing[..count]);
                NacksSent++;
            }

            if (stream.NeedsKeyframe && now - _lastKeyframeRequest.GetValueOrDefault(stream.Ssrc) >= KeyframeRequestInterval)
            {
                _lastKeyframeRequest[stream.Ssrc] = now;
                writer.TryWritePli(_audio.Ssrc, stream.Ssrc);
                KeyframeRequestsSent++;
            }

            SendRtcp(writer.Written);
        }

        var written = _arrivals.Build(buffer, _audio.Ssrc, _streams.Keys.FirstOrDefault(), now);
        SendRtcp(buffer[..written]);
        if (now - _lastReceiverReport >= ReceiverReportInterval) SendReceiverReport(buffer, now);
        if (now - _lastSenderReport >= SenderReportInterval) SendSenderReports(buffer, now);
    }

    private void SendReceiverReport(Span<byte> buffer, MonotonicTime now)
    {
        _lastReceiverReport = now;
        var blocks = _streams.Values.Where(s => now - s.LastPacket < ReceiverReportInterval * 4).Take(RtpLimits.MaxReportBlocks).Select(s => s.Statistics.BuildReportBlock(now)).ToArray();
        var writer = new RtcpWriter(buffer);
        writer.TryWriteReceiverReport(_audio.Ssrc, blocks);
        writer.TryWriteCname(_audio.Ssrc, "headless"u8);
        SendRtcp(writer.Written);
    }

    private void SendSenderReports(Span<byte> buffer, MonotonicTime now)
    {
        _lastSenderReport = now;
        var ntp = new NtpTime(Epoch.Value + (ulong)((UInt128)(ulong)now.Nanoseconds * (1UL << 32) / 1_000_000_000));
        if (_options.SendsAudio && _audio.PacketsSent > 0) Send(buffer, _audio.Ssrc, new SenderInfo(ntp, _audio.Timestamp, _audio.PacketsSent, _audio.PacketsSent * 80));
        if (!_options.SendsVideo) return;
        foreach (var video in _video)
        {
            if (video.PacketsSent > 0) Send(buffer, video.Ssrcs.Primary, new SenderInfo(ntp, video.Timestamp, video.PacketsSent, video.OctetsSent));
        }

        void Send(Span<byte> space, uint ssrc, SenderInfo info)
        {
            var writer = new RtcpWriter(space);
            writer.TryWriteSenderReport(ssrc, info, []);
            writer.TryWriteCname(ssrc, "headless"u8);
            SendRtcp(writer.Written);
        }
    }
}
