using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>The bounds and constants of the downlink estimate. Unless said otherwise they are those of libwebrtc's GoogCC.</summary>
public static class BandwidthLimits
{
    public static readonly Bitrate Initial = new(2_500_000);
    public static readonly Bitrate Minimum = new(30_000);
    public static readonly Bitrate Maximum = new(20_000_000);

    /// <summary>
    /// Sent packets that wait for feedback. At the greatest rate and 1200 bytes this is two seconds; the oldest is overwritten and feedback for it is
    /// counted as unmatched.
    /// </summary>
    public const int MaxSentPackets = 4096;

    /// <summary>Acknowledged packets the throughput is measured over; older ones are forgotten.</summary>
    public const int MaxThroughputPackets = 500;

    /// <summary>Probe clusters under way; a further one is not begun.</summary>
    public const int MaxProbeClusters = 5;

    /// <summary>Sequence numbers that one feedback generator looks back over. A packet further behind than this is not reported.</summary>
    public const int MaxFeedbackWindow = 2048;

    /// <summary>A feedback packet is closed at this size and another begun, so that it fits one datagram with its protection.</summary>
    public const int MaxFeedbackLength = 1150;
}
