using System.Globalization;
using JitsiMesh.Headless.Media;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.Primitives;
using Xunit.Abstractions;

namespace JitsiMesh.MediaBridge.Tests.Conferences;

/// <summary>The estimate of a receiver's downlink in whole calls: real feedback, real probes, real allocation.</summary>
public sealed class DownlinkScenarios(ITestOutputHelper output)
{
    private static readonly HeadlessEndpointOptions A = new() { Id = "aaaa0001", AudioLevel = 30 };
    private static readonly HeadlessEndpointOptions B = new() { Id = "bbbb0002", SendsVideo = false };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void An_estimate_that_an_overload_drove_to_the_bottom_climbs_when_it_is_over(ulong seed)
    {
        using var call = new BridgeCall(seed);
        var (link, receiver, client) = Begin(call);
        link.Run(5);

        link.Capacity = new Bitrate(60_000);
        link.Loss = 0.4;
        link.MaxQueue = TimeSpan.FromSeconds(2);
        var next = call.Network.Now;
        link.Run(10, () =>
        {
            if (call.Network.Now < next) return;
            next = call.Network.Now + TimeSpan.FromSeconds(1);
            link.Stall(TimeSpan.FromMilliseconds(400));
        });
        var worst = receiver.EstimateBps;
        Log(call, link, receiver);

        link.Capacity = new Bitrate(5_000_000);
        link.Loss = 0;
        link.MaxQueue = TimeSpan.FromMilliseconds(300);
        Follow(call, link, receiver, 12);
        Assert.True(worst < 100_000, $"{worst}");
        Assert.True(receiver.EstimateBps > 1_000_000, $"from {worst} to {receiver.EstimateBps}");
        Follow(call, link, receiver, 10);
        Assert.Contains(client.Streams.Values, s => s.IsVideo && s.Size == (1280, 720) && !s.NeedsKeyframe);
    }

    [Fact]
    public void After_seconds_without_anything_it_climbs_as_well()
    {
        using var call = new BridgeCall(11);
        var (link, receiver, _) = Begin(call);
        link.Run(5);
        link.Loss = 1;
        Follow(call, link, receiver, 20);
        var worst = receiver.EstimateBps;
        link.Loss = 0;
        Follow(call, link, receiver, 12);
        Assert.True(worst < 600_000, $"{worst}");
        Assert.True(receiver.EstimateBps > 1_000_000, $"from {worst} to {receiver.EstimateBps}");
    }

    [Theory]
    [InlineData(400_000)]
    [InlineData(1_000_000)]
    public void Probes_do_not_fill_a_narrow_link(long capacity)
    {
        using var call = new BridgeCall(12);
        var (link, receiver, client) = Begin(call);
        link.Capacity = new Bitrate(capacity);
        Follow(call, link, receiver, 15);
        var (taken, dropped) = (link.Taken, link.Dropped);
        var estimates = new List<double>();
        var queues = new List<double>();
        for (var i = 0; i < 30; i++)
        {
            link.Run(1, () =>
            {
                estimates.Add(receiver.EstimateBps);
                queues.Add(link.Queue.TotalMilliseconds);
            });
            Log(call, link, receiver);
        }

        output.WriteLine($"estimate {estimates.Average() / capacity:0.00}, queue {queues.Average():0} ms, dropped {link.Dropped - dropped} of {link.Taken - taken}");
        Assert.InRange(estimates.Average() / capacity, 0.4, 1.1);
        Assert.InRange(queues.Average(), 0, 80);
        Assert.InRange((link.Dropped - dropped) / (double)(link.Taken - taken), 0, 0.02);
        Assert.Contains(client.Streams.Values, s => s.IsVideo && s.DecodableFrames > 100);
    }

    private static (NarrowLink Link, BridgeEndpoint Receiver, HeadlessEndpoint Client) Begin(BridgeCall call)
    {
        var (a, b) = (call.Join(A), call.Join(B));
        call.Until(() => a.IsConnected && b.IsConnected && b.IsChannelOpen);
        return (new NarrowLink(call, b, TransportAddress.FromIPv4(0x0A000011, 5000)), call["bbbb0002"], b);
    }

    private void Follow(BridgeCall call, NarrowLink link, BridgeEndpoint receiver, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            link.Run(1);
            Log(call, link, receiver);
        }
    }

    private void Log(BridgeCall call, NarrowLink link, BridgeEndpoint receiver) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{call.Network.Now}: estimate {receiver.EstimateBps}, target {receiver.Allocation.TargetBps}, ideal {receiver.Allocation.IdealBps}, queue {link.Queue.TotalMilliseconds:0} ms, dropped {link.Dropped} of {link.Taken}"));
}
