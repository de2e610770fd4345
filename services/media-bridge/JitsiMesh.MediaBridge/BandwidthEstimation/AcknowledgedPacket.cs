using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>A packet that the receiver reported: its send time, and its arrival time on the receiver's clock.</summary>
internal readonly record struct AcknowledgedPacket(MonotonicTime SentAt, long ArrivalMicroseconds, int Bytes, short ProbeCluster);
