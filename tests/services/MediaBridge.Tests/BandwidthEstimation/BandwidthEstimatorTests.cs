using JitsiMesh.MediaBridge.BandwidthEstimation;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Tests.BandwidthEstimation;

public sealed class BandwidthEstimatorTests
{
    [Theory]
    [InlineData(500_000)]
    [InlineData(1_000_000)]
    [InlineData(3_000_000)]
    [InlineData(8_000_000)]
    public void It_comes_near_the_bottleneck_within_seconds_and_stays(long capacity)
    {
        var link = new SimulatedLink(1) { Capacity = new Bitrate(capacity) };
        link.Run(10);
        var samples = new List<double>();
        var queues = new List<double>();
        link.Run(20, () =>
        {
            samples.Add(link.Estimator.Estimate.BitsPerSecond / (double)capacity);
            queues.Add(link.Queue.TotalMilliseconds);
        });
        Assert.InRange(samples.Average(), 0.65, 1.05);
        Assert.InRange(queues.Average(), 0, 120);
    }

    [Fact]
    public void It_backs_off_when_the_link_narrows_and_recovers_when_it_widens()
    {
        var link = new SimulatedLink(2) { Capacity = new Bitrate(3_000_000) };
        link.Run(15);
        link.Capacity = new Bitrate(800_000);
        link.Run(5);
        Assert.InRange(link.Estimator.Estimate.BitsPerSecond, 300_000, 900_000);

        link.Capacity = new Bitrate(3_000_000);
        link.Run(40);
        Assert.InRange(link.Estimator.Estimate.BitsPerSecond, 1_600_000, 3_300_000);
    }

    [Fact]
    public void Growing_delay_is_seen_before_anything_is_lost()
    {
        var link = new SimulatedLink(3) { Capacity = new Bitrate(2_000_000), ServesProbes = false };
        link.Run(10);
        link.Capacity = new Bitrate(1_000_000);
        link.MaxQueue = TimeSpan.FromSeconds(10);
        link.Run(3);
        Assert.True(link.Estimator.LossFraction == 0);
        Assert.True(link.Estimator.DelayBased.BitsPerSecond < 1_000_000, link.Estimator.DelayBased.ToString());
    }

    [Fact]
    public void Heavy_loss_lowers_the_estimate_and_its_end_lets_it_rise()
    {
        var link = new SimulatedLink(4) { Capacity = new Bitrate(6_000_000), Demand = new Bitrate(2_500_000) };
        link.Run(10);
        var before = link.Estimator.Estimate;
        link.Loss = 0.25;
        link.Run(4);
        var during = link.Estimator.Estimate;
        Assert.True(during < before * 0.5, $"{before} to {during}");
        Assert.InRange(link.Estimator.LossFraction, 0.15, 0.35);

        link.Loss = 0;
        link.Run(20);
        Assert.True(link.Estimator.Estimate > during * 2, $"{during} to {link.Estimator.Estimate}");
    }

    [Fact]
    public void A_path_that_became_longer_during_a_pause_is_not_taken_for_a_queue()
    {
        var link = new SimulatedLink(7) { Capacity = new Bitrate(6_000_000), Demand = new Bitrate(1_500_000), ServesProbes = false };
        link.Run(10);
        link.Demand = default;
        link.Run(4);
        var before = link.Estimator.DelayBased;
        link.Delay += TimeSpan.FromMilliseconds(400);
        link.Demand = new Bitrate(1_500_000);
        var overused = false;
        link.Run(4, () => overused |= link.Estimator.Usage == BandwidthUsage.Overusing);
        Assert.False(overused);
        Assert.True(link.Estimator.DelayBased >= before, $"{before} to {link.Estimator.DelayBased}");
    }

    [Fact]
    public void Little_loss_changes_nothing()
    {
        var link = new SimulatedLink(5) { Capacity = new Bitrate(6_000_000), Demand = new Bitrate(2_000_000), Loss = 0.005 };
        link.Run(20);
        Assert.True(link.Estimator.Estimate.BitsPerSecond > 2_000_000, link.Estimator.Estimate.ToString());
    }

    [Fact]
    public void Probes_find_a_wide_link_soon()
    {
        var link = new SimulatedLink(6) { Capacity = new Bitrate(15_000_000) };
        link.Run(4);
        Assert.True(link.Estimator.Estimate.BitsPerSecond > 7_000_000, link.Estimator.Estimate.ToString());
    }

    [Fact]
    public void Without_probes_traffic_that_uses_little_does_not_raise_it()
    {
        var link = new SimulatedLink(7) { Capacity = new Bitrate(15_000_000), Demand = new Bitrate(300_000), ServesProbes = false };
        link.Run(30);
        Assert.True(link.Estimator.Estimate <= BandwidthLimits.Initial * 1.1, link.Estimator.Estimate.ToString());
    }

    [Fact]
    public void Without_feedback_it_falls_to_the_minimum()
    {
        var link = new SimulatedLink(8);
        link.Run(5);
        link.FeedbackLost = true;
        link.Run(30);
        Assert.InRange(link.Estimator.Estimate.BitsPerSecond, BandwidthLimits.Minimum.BitsPerSecond, 100_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void A_probe_that_left_in_bursts_is_measured_by_what_lies_between_them(int packetsInBurst)
    {
        // Four bursts each 5 ms, through a wide link that spreads each a little.
        var results = new ProbeResults();
        Bitrate? found = null;
        for (var burst = 0; burst < 4; burst++)
        {
            for (var i = 0; i < packetsInBurst; i++)
            {
                found = results.Add(new AcknowledgedPacket(MonotonicTime.FromSeconds(5) + TimeSpan.FromMilliseconds(5 * burst), 90_000 + (5_000 * burst) + (100 * i), 1000, 3)) ?? found;
            }
        }

        var sent = packetsInBurst * 1000 * 8 / 0.005;
        Assert.InRange(found!.Value.BitsPerSecond, sent * 0.98, sent * 1.02);
    }

    [Fact]
    public void A_probe_that_left_all_at_once_says_nothing()
    {
        var results = new ProbeResults();
        for (var i = 0; i < 10; i++) Assert.Null(results.Add(new AcknowledgedPacket(MonotonicTime.FromSeconds(5), 90_000 + (100 * i), 1000, 3)));
    }

    [Fact]
    public void Where_much_more_could_be_used_it_is_probed_for_though_the_traffic_fills_the_estimate()
    {
        var link = new SimulatedLink(14) { Capacity = new Bitrate(200_000) };
        link.Run(20);
        link.Capacity = new Bitrate(8_000_000);
        link.Run(45);
        Assert.True(link.Estimator.Estimate.BitsPerSecond > 3_000_000, link.Estimator.Estimate.ToString());
    }

    [Fact]
    public void Feedback_for_numbers_never_sent_is_counted_and_ignored()
    {
        var estimator = new BandwidthEstimator();
        Feed(estimator, 10, [100, 104]);
        Assert.Equal(2, estimator.UnmatchedFeedback);
        Assert.False(estimator.HasFeedback);
        Assert.Equal(BandwidthLimits.Initial, estimator.Estimate);
    }

    [Fact]
    public void A_loss_that_is_taken_back_does_not_count()
    {
        var estimator = new BandwidthEstimator();
        var now = MonotonicTime.FromSeconds(10);
        for (ushort i = 0; i < 100; i++) estimator.OnPacketSent(i, 1000, now + TimeSpan.FromMilliseconds(i));
        var arrivals = Enumerable.Range(0, 100).Select(i => i % 4 == 1 ? -1L : 1000 + (i * 4)).ToArray();
        Feed(estimator, 0, arrivals);
        Feed(estimator, 0, [.. Enumerable.Range(0, 100).Select(i => 1000L + (i * 4))]);
        for (ushort i = 100; i < 140; i++) estimator.OnPacketSent(i, 1000, now + TimeSpan.FromMilliseconds(i));
        Feed(estimator, 100, [.. Enumerable.Range(100, 40).Select(i => 1000L + (i * 4))], MonotonicTime.FromSeconds(12));
        Assert.Equal(0, estimator.LossFraction);
    }

    [Fact]
    public void Any_feedback_in_any_order_keeps_the_estimate_in_bounds()
    {
        const ulong Seed = 12;
        var random = new SeededRandomSource(Seed);
        var estimator = new BandwidthEstimator();
        var now = MonotonicTime.FromSeconds(1);
        ushort sent = 0;
        var arrivals = new long[30];
        for (var round = 0; round < 3000; round++)
        {
            now += TimeSpan.FromMilliseconds(random.NextInt(200));
            for (var i = random.NextInt(20); i > 0; i--) estimator.OnPacketSent(sent++, random.NextInt(70_000), now, (short)(random.NextInt(4) - 1));
            long time = random.NextInt(int.MaxValue);
            for (var i = 0; i < arrivals.Length; i++) arrivals[i] = random.NextInt(3) == 0 ? -1 : Math.Max(0, time += random.NextInt(5000) - 2000);
            Feed(estimator, (ushort)(sent - random.NextInt(60)), arrivals, now);
            estimator.OnTick(now);
            while (estimator.TryGetProbe(out _))
            {
            }

            Assert.True(estimator.Estimate >= BandwidthLimits.Minimum && estimator.Estimate <= BandwidthLimits.Maximum, $"seed {Seed}, round {round}: {estimator.Estimate}");
        }
    }

    [Fact]
    public void Sending_and_feedback_allocate_nothing_once_under_way()
    {
        var estimator = new BandwidthEstimator();
        var generator = new TransportFeedbackGenerator();
        var buffer = new byte[1200];
        ushort sequence = 0;
        var now = MonotonicTime.FromSeconds(5);
        Round(400);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Round(400);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Round(int packets)
        {
            for (var i = 0; i < packets; i++)
            {
                now += TimeSpan.FromMilliseconds(5);
                estimator.OnPacketSent(sequence, 1200, now);
                generator.OnPacket(sequence++, 1, false, now);
                while (generator.TryBuild(1, buffer, now, out var written))
                {
                    foreach (var packet in new RtcpCompound(buffer.AsSpan(0, written)))
                    {
                        if (TransportFeedbackView.TryParse(packet, out var view)) estimator.OnFeedback(view, now);
                    }
                }

                estimator.OnTick(now);
                estimator.TryGetProbe(out _);
            }
        }
    }

    private static void Feed(BandwidthEstimator estimator, ushort baseSequence, long[] arrivals, MonotonicTime? now = null)
    {
        var buffer = new byte[1200];
        if (TransportFeedbackWriter.Write(buffer, 1, 2, 0, baseSequence, arrivals, out var written) == 0) return;
        foreach (var packet in new RtcpCompound(buffer.AsSpan(0, written)))
        {
            Assert.True(TransportFeedbackView.TryParse(packet, out var view));
            estimator.OnFeedback(view, now ?? MonotonicTime.FromSeconds(11));
        }
    }
}
