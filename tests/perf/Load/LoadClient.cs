using System.Buffers.Binary;
using JitsiMesh.MediaBridge.BandwidthEstimation;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.Perf.Load;

/// <summary>The numbers of a client's formats, as its server offered them.</summary>
internal sealed record LoadFormats(byte Vp8PayloadType, int TransportCcExtension);

/// <summary>
/// One client: sends a <see cref="VideoFeed"/> or receives. A receiver counts every packet, decrypts one of sixteen, and reports as a browser does:
/// transport-wide feedback where it was offered, receiver reports.
/// </summary>
internal sealed class LoadClient(LoadSocket socket, IMediaLink link, uint ssrc) : IDisposable
{
    private const int DecryptEvery = 16;
    private const int MaxDelays = 200_000;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);
    private static readonly NtpTime Epoch = NtpTime.FromDateTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TransportFeedbackGenerator _feedback = new();
    private readonly List<double> _delays = [];
    private MonotonicTime _nextReport;
    private uint _mediaSsrc;
    private SequenceUnwrapper _unwrapper;
    private long _first = -1;
    private long _highest;
    private uint _lastSenderReport;
    private MonotonicTime _lastSenderReportAt;

    public LoadSocket Socket => socket;

    public IMediaLink Link => link;

    public LoadFormats Formats { get; set; } = new(100, 0);

    /// <summary>Null: it only receives.</summary>
    public VideoFeed? Feed { get; set; }

    /// <summary>Media packets.</summary>
    public long Received { get; private set; }

    public long Decrypted { get; private set; }

    /// <summary>Packets of the spot check that did not decrypt.</summary>
    public long Bad { get; private set; }

    /// <summary>The number of media packets missing so far.</summary>
    public long Missing => _first < 0 ? 0 : Math.Max(_highest - _first + 1 - Received, 0);

    public long NacksReceived { get; private set; }

    /// <summary>While true, the delays of decrypted packets are recorded.</summary>
    public bool MeasuresDelay { get; set; }

    /// <summary>Microseconds from the sender's stamp to the kernel's.</summary>
    public IReadOnlyList<double> Delays => _delays;

    public void Poll(LoadProfile? profile, MonotonicTime now)
    {
        int count;
        do
        {
            count = socket.Receive();
            for (var i = 0; i < count; i++)
            {
                var datagram = socket.Received(i, out var from, out var arrived);
                Take(datagram, from, arrived, now);
            }
        }
        while (count == LoadSocket.Batch);

        link.Poll(socket, now);
        if (link.IsConnected)
        {
            if (Feed is { } feed && profile is not null) feed.Run(profile, socket, link, LoadClock.Now);
            Report(now);
        }

        socket.Flush();
    }

    public void ForgetDelays() => _delays.Clear();

    public void Dispose()
    {
        link.Dispose();
        socket.Dispose();
    }

    private void Take(Span<byte> datagram, in TransportAddress from, long arrived, MonotonicTime now)
    {
        if (datagram.Length < 2) return;

        // RFC 7983: 128 to 191 is RTP or RTCP; of these RTCP has 192 to 223 in its second byte (RFC 5761).
        var isMedia = datagram[0] is >= 128 and <= 191 && datagram[1] is < 192 or > 223;
        if (!isMedia)
        {
            if (link.Handle(datagram, from, now, out var plain) == LinkInput.Rtcp) OnRtcp(datagram[..plain], now);
            return;
        }

        if (RtpPacketView.ParseHeader(datagram, out var packet) != RtpParseError.None) return;
        if (Formats.TransportCcExtension > 0 && packet.TryGetExtension(Formats.TransportCcExtension, out var number) && number.Length == 2)
        {
            _feedback.OnPacket(BinaryPrimitives.ReadUInt16BigEndian(number), packet.Ssrc, packet.Marker, LoadClock.FromWall(arrived));
        }

        // A shorter packet is a probe of the server.
        if (packet.PayloadType != Formats.Vp8PayloadType || datagram.Length < VideoFeed.PacketBytes) return;
        if (_mediaSsrc != packet.Ssrc)
        {
            _mediaSsrc = packet.Ssrc;
            _unwrapper = default;
            _first = -1;
            Received = 0;
        }

        Received++;
        var unrolled = _unwrapper.Unwrap(packet.SequenceNumber);
        if (_first < 0) _first = _highest = unrolled;
        _highest = Math.Max(_highest, unrolled);
        if (Received % DecryptEvery != 0) return;
        if (link.Handle(datagram, from, now, out var length) != LinkInput.Rtp)
        {
            Bad++;
            return;
        }

        Decrypted++;
        if (MeasuresDelay && _delays.Count < MaxDelays) _delays.Add((arrived - BinaryPrimitives.ReadInt64BigEndian(datagram[(length - 8)..])) / 1000.0);
    }

    private void OnRtcp(ReadOnlySpan<byte> compound, MonotonicTime now)
    {
        foreach (var packet in new RtcpCompound(compound))
        {
            switch (packet.Kind)
            {
                case RtcpKind.Pli or RtcpKind.Fir:
                    Feed?.RequestKeyframe();
                    break;
                case RtcpKind.Nack:
                    NacksReceived++;
                    break;
                case RtcpKind.SenderReport when SenderReportView.TryParse(packet, out var report) && report.Ssrc == _mediaSsrc:
                    _lastSenderReport = report.Info.Ntp.Compact;
                    _lastSenderReportAt = now;
                    break;
            }
        }
    }

    private void Report(MonotonicTime now)
    {
        Span<byte> buffer = stackalloc byte[1200];
        while (_feedback.TryBuild(ssrc, buffer, now, out var written)) SendRtcp(buffer[..written]);
        if (now < _nextReport) return;
        _nextReport = now + ReportInterval;
        var writer = new RtcpWriter(buffer);
        if (Feed is { } feed)
        {
            if (feed.Sent == 0) return;
            var ntp = new NtpTime(Epoch.Value + (ulong)((UInt128)(ulong)now.Nanoseconds * (1UL << 32) / 1_000_000_000));
            writer.TryWriteSenderReport(feed.Ssrc, new SenderInfo(ntp, feed.Timestamp, (uint)feed.Sent, (uint)feed.Sent * 1180), []);
            writer.TryWriteCname(feed.Ssrc, "load"u8);
        }
        else
        {
            if (_mediaSsrc == 0) return;
            var delay = _lastSenderReport == 0 ? 0 : NtpTime.ToCompactDelay(now - _lastSenderReportAt);
            writer.TryWriteReceiverReport(ssrc, [new ReportBlock(_mediaSsrc, 0, (int)Missing, (uint)_highest, 10, _lastSenderReport, delay)]);
            writer.TryWriteCname(ssrc, "load"u8);
        }

        SendRtcp(writer.Written);
    }

    private void SendRtcp(ReadOnlySpan<byte> plain)
    {
        if (!link.TryGetRemote(out var remote) || !link.ProtectRtcp(plain, socket.Rent(), out var written)) return;
        socket.Commit(written, remote);
    }
}
