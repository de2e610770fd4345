using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>A packet that the receiver reported: when it left us, and when it came there on the receiver's clock.</summary>
internal readonly record struct AcknowledgedPacket(MonotonicTime SentAt, long ArrivalMicroseconds, int Bytes, short ProbeCluster);
