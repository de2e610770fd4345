using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>The bounds and constants of the downlink estimate. Unless noted they are those of libwebrtc's GoogCC.</summary>
public static class BandwidthLimits
{
    public static readonly Bitrate Initial = new(2_500_000);
    public static readonly Bitrate Minimum = new(30_000);
    public static readonly Bitrate Maximum = new(20_000_000);

    /// <summary>Sent packets that wait for feedback. At the maximum rate and 1200 bytes this is two seconds; the oldest is overwritten, and feedback for it counts as unmatched.</summary>
    public const int MaxSentPackets = 4096;

    /// <summary>The number of acknowledged packets over which the throughput is measured.</summary>
    public const int MaxThroughputPackets = 500;

    /// <summary>Probe clusters in progress; a further one is not started.</summary>
    public const int MaxProbeClusters = 5;

    /// <summary>Sequence numbers that one feedback generator looks back over. A packet further behind is not reported.</summary>
    public const int MaxFeedbackWindow = 2048;

    /// <summary>The maximum size of a feedback packet, so that it fits one datagram with its protection; beyond it another packet begins.</summary>
    public const int MaxFeedbackLength = 1150;
}
