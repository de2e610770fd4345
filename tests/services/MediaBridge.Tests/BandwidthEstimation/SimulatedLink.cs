using JitsiMesh.MediaBridge.BandwidthEstimation;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Tests.BandwidthEstimation;

/// <summary>
/// A bottleneck with a queue, delay and random loss between an estimator that sends and a feedback generator that receives, in virtual time with steps of 5 ms. The sender
/// follows the estimate up to its own limit, and sends probes.
/// </summary>
internal sealed class SimulatedLink(ulong seed)
{
    private const int PacketBytes = 1200;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly SeededRandomSource _random = new(seed);
    private readonly TransportFeedbackGenerator _generator = new();
    private readonly PriorityQueue<ushort, long> _underway = new();
    private readonly PriorityQueue<byte[], long> _feedback = new();
    private readonly byte[] _buffer = new byte[1200];
    private ushort _sequence = 65000;
    private MonotonicTime _linkFree;
    private double _budget;
    private long _tick;

    public BandwidthEstimator Estimator { get; } = new();

    public MonotonicTime Now { get; private set; } = MonotonicTime.FromSeconds(1000);

    public Bitrate Capacity { get; set; } = new(2_000_000);

    public Bitrate Demand { get; set; } = BandwidthLimits.Maximum;

    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(40);

    public double Loss { get; set; }

    public bool FeedbackLost { get; set; }

    public bool ServesProbes { get; set; } = true;

    public TimeSpan MaxQueue { get; set; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How long a packet would wait in the queue now.</summary>
    public TimeSpan Queue => _linkFree > Now ? _linkFree - Now : TimeSpan.Zero;

    public void Run(double seconds, Action? each = null)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds); Now < end; Now += Step)
        {
            Deliver();
            Send();
            if (++_tick % 5 == 0) Estimator.OnTick(Now);
            if (_tick % 20 == 0) Estimator.OnRttUpdate((Delay * 2) + Queue);
            each?.Invoke();
        }
    }

    private void Send()
    {
        // 1. Media at the smaller of demand and estimate.
        _budget += Bitrate.Min(Demand, Estimator.Estimate).BitsPerSecond * Step.TotalSeconds / 8;
        for (; _budget >= PacketBytes; _budget -= PacketBytes) SendPacket(ProbeCluster.None, Now);

        // 2. A probe in one burst, spread over its duration.
        Estimator.OnUsefulRate(Demand);
        if (!Estimator.TryGetProbe(out var probe) || !ServesProbes) return;
        var count = Math.Max(probe.MinPackets, (probe.MinBytes / PacketBytes) + 1);
        for (var i = 0; i < count; i++) SendPacket(probe.Id, Now + TimeSpan.FromSeconds(i * PacketBytes * 8.0 / probe.Rate.BitsPerSecond));
    }

    private void SendPacket(short cluster, MonotonicTime at)
    {
        var sequence = _sequence++;
        Estimator.OnPacketSent(sequence, PacketBytes, at, cluster);
        var start = MonotonicTime.Max(at, _linkFree);
        if (start - at > MaxQueue || _random.NextDouble() < Loss) return;
        _linkFree = start + TimeSpan.FromSeconds(PacketBytes * 8.0 / Capacity.BitsPerSecond);
        _underway.Enqueue(sequence, (_linkFree + Delay).Nanoseconds);
    }

    private void Deliver()
    {
        while (_underway.TryPeek(out var sequence, out var arrival) && arrival <= Now.Nanoseconds)
        {
            _underway.Dequeue();

            // The receiver's clock differs from ours by hours.
            _generator.OnPacket(sequence, 7, marker: sequence % 4 == 0, new MonotonicTime(arrival) + TimeSpan.FromHours(5));
        }

        while (_generator.TryBuild(1, _buffer, Now + TimeSpan.FromHours(5), out var written))
        {
            if (!FeedbackLost) _feedback.Enqueue(_buffer[..written], (Now + Delay).Nanoseconds);
        }

        while (_feedback.TryPeek(out var packet, out var due) && due <= Now.Nanoseconds)
        {
            _feedback.Dequeue();
            foreach (var rtcp in new RtcpCompound(packet))
            {
                Assert.True(TransportFeedbackView.TryParse(rtcp, out var view));
                Estimator.OnFeedback(view, Now);
            }
        }
    }
}
