using JitsiMesh.MediaBridge.BandwidthEstimation;
using JitsiMesh.Primitives;
using JitsiMesh.Rtp;

namespace JitsiMesh.MediaBridge.Tests.BandwidthEstimation;

public sealed class TransportFeedbackGeneratorTests
{
    private readonly TransportFeedbackGenerator _generator = new();
    private MonotonicTime _now = MonotonicTime.FromSeconds(50);

    [Fact]
    public void Feedback_comes_100_ms_after_the_first_packet_not_with_it()
    {
        Assert.Equal(MonotonicTime.Never, _generator.NextTimeout);
        Receive(1, marker: true);
        Assert.Empty(Build());
        Assert.Equal(_now + TimeSpan.FromMilliseconds(100), _generator.NextTimeout);
        _now = _generator.NextTimeout;
        Assert.Equal([(1, true)], Build());
        Assert.Equal(MonotonicTime.Never, _generator.NextTimeout);
    }

    [Fact]
    public void The_end_of_a_frame_brings_it_forward_to_20_ms()
    {
        Receive(1);
        Wait(100);
        Build();
        Wait(10);
        Receive(2, marker: true);
        Assert.Empty(Build());
        Wait(10);
        Receive(3, marker: true);
        Assert.Equal([(2, true), (3, true)], Build());
    }

    [Fact]
    public void Missing_numbers_are_reported_across_the_wrap()
    {
        Receive(65534);
        Receive(1);
        Receive(0);
        Wait(100);
        Assert.Equal([(65534, true), (65535, false), (0, true), (1, true)], Build());
    }

    [Fact]
    public void A_late_packet_opens_the_window_again()
    {
        Receive(1);
        Receive(3);
        Wait(100);
        Assert.Equal([(1, true), (2, false), (3, true)], Build());
        Receive(2);
        Receive(4);
        Wait(100);
        Assert.Equal([(2, true), (3, true), (4, true)], Build());
    }

    [Fact]
    public void A_gap_between_windows_is_reported()
    {
        Receive(1);
        Wait(100);
        Build();
        Receive(5);
        Wait(100);
        Assert.Equal([(2, false), (3, false), (4, false), (5, true)], Build());
    }

    [Fact]
    public void A_duplicate_changes_nothing()
    {
        Receive(1);
        Wait(100);
        Build();
        Receive(1);
        Wait(200);
        Assert.Empty(Build());
    }

    [Fact]
    public void A_packet_beyond_the_window_is_counted()
    {
        Receive(10_000);
        Receive((ushort)(10_000 - BandwidthLimits.MaxFeedbackWindow - 1));
        Assert.Equal(1, _generator.TooLate);
        Wait(100);
        Assert.Equal([(10_000, true)], Build());
    }

    [Fact]
    public void A_burst_is_split_into_packets_that_fit()
    {
        for (var i = 0; i < 1800; i++)
        {
            // Every delta takes two bytes.
            Wait(0.1 * (i % 7));
            Receive((ushort)(60_000 + i));
        }

        Wait(100);
        var buffer = new byte[2000];
        var seen = 0;
        byte count = 0;
        while (_generator.TryBuild(1, buffer, _now, out var written))
        {
            Assert.InRange(written, 1, BandwidthLimits.MaxFeedbackLength);
            foreach (var packet in new RtcpCompound(buffer.AsSpan(0, written)))
            {
                Assert.True(TransportFeedbackView.TryParse(packet, out var view));
                Assert.Equal(count++, view.FeedbackCount);
                Assert.Equal((ushort)(60_000 + seen), view.BaseSequenceNumber);
                seen += view.StatusCount;
            }
        }

        Assert.Equal(1800, seen);
    }

    [Fact]
    public void A_jump_beyond_everything_starts_over()
    {
        Receive(1);
        Receive(20_000);
        Wait(100);
        Assert.Equal([(20_000, true)], Build());
    }

    private void Wait(double milliseconds) => _now += TimeSpan.FromMilliseconds(milliseconds);

    private void Receive(ushort sequence, bool marker = false) => _generator.OnPacket(sequence, 7, marker, _now);

    private List<(int, bool)> Build()
    {
        var buffer = new byte[1200];
        var seen = new List<(int, bool)>();
        while (_generator.TryBuild(1, buffer, _now, out var written))
        {
            foreach (var packet in new RtcpCompound(buffer.AsSpan(0, written)))
            {
                Assert.True(TransportFeedbackView.TryParse(packet, out var view));
                Assert.Equal(7u, view.MediaSsrc);
                foreach (var status in view.Statuses) seen.Add((status.SequenceNumber, status.Received));
            }
        }

        return seen;
    }
}
