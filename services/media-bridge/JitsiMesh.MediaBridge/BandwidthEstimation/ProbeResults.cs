using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.BandwidthEstimation;

/// <summary>
/// Measures the rate of a probe cluster from its acknowledged packets (libwebrtc: probe_bitrate_estimator.cc). Packets with the same send time are one burst: the receive rate
/// excludes the first burst and counts from its end, the send rate excludes the last burst and counts to its beginning.
/// </summary>
internal sealed class ProbeResults
{
    private const int MinPackets = 4;
    private const double MaxReceiveOverSend = 2;
    private const double SaturatedBelow = 0.9;
    private const double TargetUtilisation = 0.95;
    private const long MaxSpanMicroseconds = 1_000_000;

    private readonly Cluster[] _clusters = new Cluster[BandwidthLimits.MaxProbeClusters];

    /// <summary>Takes a packet of a cluster; returns the rate once the cluster has enough packets, and better ones with each further packet.</summary>
    public Bitrate? Add(in AcknowledgedPacket packet)
    {
        ref var cluster = ref _clusters[packet.ProbeCluster % _clusters.Length];
        var sent = packet.SentAt.TotalMicroseconds;
        if (cluster.Packets == 0 || cluster.Id != packet.ProbeCluster) cluster = new Cluster { Id = packet.ProbeCluster, FirstSent = long.MaxValue, FirstArrival = long.MinValue, LastSent = long.MinValue, LastArrival = long.MinValue };

        if (sent < cluster.FirstSent) (cluster.FirstSent, cluster.FirstBytes, cluster.FirstArrival) = (sent, 0, long.MinValue);
        if (sent == cluster.FirstSent)
        {
            cluster.FirstBytes += packet.Bytes;
            cluster.FirstArrival = Math.Max(cluster.FirstArrival, packet.ArrivalMicroseconds);
        }

        if (sent > cluster.LastSent) (cluster.LastSent, cluster.LastBytes) = (sent, 0);
        if (sent == cluster.LastSent) cluster.LastBytes += packet.Bytes;
        if (packet.ArrivalMicroseconds > cluster.LastArrival) cluster.LastArrival = packet.ArrivalMicroseconds;
        cluster.Bytes += packet.Bytes;
        cluster.Packets++;
        if (cluster.Packets < MinPackets) return null;

        var sendSpan = cluster.LastSent - cluster.FirstSent;
        var receiveSpan = cluster.LastArrival - cluster.FirstArrival;
        if (sendSpan <= 0 || receiveSpan <= 0 || sendSpan > MaxSpanMicroseconds || receiveSpan > MaxSpanMicroseconds) return null;
        var sendRate = (cluster.Bytes - cluster.LastBytes) * 8_000_000.0 / sendSpan;
        var receiveRate = (cluster.Bytes - cluster.FirstBytes) * 8_000_000.0 / receiveSpan;

        // Received much faster than sent: something on the path held the packets back and released them together.
        if (receiveRate > MaxReceiveOverSend * sendRate) return null;
        var rate = Math.Min(sendRate, receiveRate);
        if (receiveRate < SaturatedBelow * sendRate) rate = TargetUtilisation * receiveRate;
        return new Bitrate((long)rate);
    }

    private struct Cluster
    {
        public short Id;
        public int Packets;
        public long Bytes;
        public long FirstSent;
        public long LastSent;

        /// <summary>Bytes of the first burst sent.</summary>
        public long FirstBytes;

        /// <summary>Bytes of the last burst sent.</summary>
        public long LastBytes;

        /// <summary>The latest arrival of the first burst.</summary>
        public long FirstArrival;
        public long LastArrival;
    }
}
