using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;

/// <summary>One outgoing RTP stream to one receiver: a slot with SSRC rewriting, or a source under its own SSRC without it.</summary>
/// <param name="ssrc">The SSRC of the media.</param>
/// <param name="rtxSsrc">The SSRC of retransmissions; 0: none.</param>
/// <param name="mid">The mid of the packets; null: none.</param>
/// <param name="isVideo">Whether sent packets are stored for retransmission.</param>
/// <param name="earlier">An earlier stream of the same SSRC to the same receiver, whose numbers continue: under the same keys no number may repeat.</param>
internal sealed class EgressStream(uint ssrc, uint rtxSsrc, string? mid, bool isVideo, EgressStream? earlier = null)
{
    /// <summary>Sender reports remembered to compute the round trip time; reports of one stream are seconds apart.</summary>
    private const int ReportsKept = 8;

    private readonly (uint Compact, MonotonicTime Sent)[] _reports = new (uint, MonotonicTime)[ReportsKept];
    private int _nextReport;

    public uint Ssrc { get; } = ssrc;

    /// <summary>0: the receiver gets plain resends on the media SSRC.</summary>
    public uint RtxSsrc { get; } = rtxSsrc;

    public string? Mid { get; } = mid;

    public byte[]? MidBytes { get; } = mid is null ? null : System.Text.Encoding.UTF8.GetBytes(mid);

    public bool IsVideo { get; } = isVideo;

    public OutputState Output { get; } = earlier?.Output ?? new OutputState();

    public SentPackets? Sent { get; } = isVideo ? new SentPackets() : null;

    public uint PacketCount { get; private set; }

    public uint OctetCount { get; private set; }

    public ushort NextRtxSequence { get; set; } = earlier?.NextRtxSequence ?? 1;

    public void CountSent(int payloadBytes)
    {
        PacketCount++;
        OctetCount += (uint)payloadBytes;
    }

    public void RememberReport(uint compactNtp, MonotonicTime now)
    {
        _reports[_nextReport] = (compactNtp, now);
        _nextReport = (_nextReport + 1) % ReportsKept;
    }

    public bool TryFindReport(uint compactNtp, out MonotonicTime sent)
    {
        foreach (var (compact, time) in _reports)
        {
            if (compact != compactNtp || compact == 0) continue;
            sent = time;
            return true;
        }

        sent = default;
        return false;
    }
}
