using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Tests.Forwarding;

public sealed class Vp8ProjectionTests
{
    private static readonly int Full = LayerIndex.Of(0, 0, 2);

    [Theory]
    [InlineData(65530, 32760, 250)]
    [InlineData(1, 0, 0)]
    [InlineData(40000, 100, 255)]
    public void Everything_forwarded_KeepsAllNumbersOverTheWrap(int sequence, int picture, int tl0)
    {
        var bench = new ProjectionBench(Full);
        var stream = new Vp8Stream(0, (ushort)sequence, picture, (byte)tl0, uint.MaxValue - 4000);
        var packets = stream.Frame(2, keyframe: true).Concat(stream.Frames(40, 2)).ToArray();
        foreach (var p in packets)
        {
            var result = bench.Feed(p);
            Assert.Equal(new Projected(p.Sequence, p.Timestamp, p.PictureId, p.Tl0, p.End), result);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void TemporalLayersDropped_LeavesNoHoleInSequenceAndPictureIds(int allowed)
    {
        var bench = new ProjectionBench(LayerIndex.Of(0, 0, allowed));
        var stream = new Vp8Stream(0, 65500, 32700, 10, 5000);
        var output = stream.Frame(3, keyframe: true).Concat(stream.Frames(200, 2)).Select(bench.Feed).OfType<Projected>().ToArray();
        AssertContinuous(output);
        Assert.Equal(allowed == 0 ? 3 + 100 : 3 + 200, output.Length);
    }

    [Fact]
    public void PacketLost_KeepsItsNumberAndTakesItWhenItComesLate()
    {
        var bench = new ProjectionBench(Full);
        var stream = new Vp8Stream(0, 100, 7, 1, 0);
        var packets = stream.Frame(3, keyframe: true).Concat(stream.Frames(4, 3)).ToArray();
        var late = packets[7];
        var output = packets.Where(p => p != late).Select(bench.Feed).OfType<Projected>().ToArray();
        Assert.Equal(packets.Length - 1, output.Length);
        Assert.DoesNotContain(output, o => o.Sequence == late.Sequence);
        Assert.Equal(late.Sequence, bench.Feed(late)!.Value.Sequence);
    }

    [Fact]
    public void LostPacketOfARefusedFrame_LeavesNoHole()
    {
        var bench = new ProjectionBench(LayerIndex.Of(0, 0, 0));
        var stream = new Vp8Stream(0, 100, 7, 1, 0);
        var key = stream.Frame(1, keyframe: true);
        var refused = stream.Frame(3);
        var rest = stream.Frame(3).Concat(stream.Frame(3)).ToArray();
        var next = stream.Frame(2);

        // The middle and the end of a refused frame are lost: the start of the next frame was seen, so the missing numbers belong to the refused frame.
        var output = key.Concat([refused[0]]).Concat(rest).Concat(next).Select(bench.Feed).OfType<Projected>().ToArray();
        AssertContinuous(output);
        Assert.Equal(3, output.Length);
    }

    [Fact]
    public void FrameLostWhole_KeepsItsPictureIdAndItsPlace()
    {
        var bench = new ProjectionBench(Full);
        var stream = new Vp8Stream(0, 100, 7, 1, 0);
        foreach (var p in stream.Frame(1, keyframe: true)) bench.Feed(p);
        var lost = stream.Frame(2);
        var after = stream.Frame(2).Select(bench.Feed).ToArray();
        Assert.Equal(9, after[0]!.Value.PictureId);
        Assert.Equal(103, after[0]!.Value.Sequence);
        var late = lost.Select(bench.Feed).ToArray();
        Assert.Equal([101, 102], late.Select(l => (int)l!.Value.Sequence));
        Assert.Equal(8, late[0]!.Value.PictureId);
    }

    [Fact]
    public void Reordered_GetsTheNumbersOfItsPlace()
    {
        var bench = new ProjectionBench(Full);
        var stream = new Vp8Stream(0, 65533, 32766, 254, 0);
        var packets = stream.Frame(1, keyframe: true).Concat(stream.Frames(12, 2)).ToArray();
        var shuffled = packets.ToArray();
        for (var i = 2; i + 1 < shuffled.Length; i += 3) (shuffled[i], shuffled[i + 1]) = (shuffled[i + 1], shuffled[i]);
        var output = shuffled.Select(p => (p, bench.Feed(p))).ToArray();
        Assert.All(output, pair =>
        {
            Assert.Equal(pair.p.Sequence, pair.Item2!.Value.Sequence);
            Assert.Equal(pair.p.PictureId, pair.Item2!.Value.PictureId);
        });
    }

    [Fact]
    public void BeforeAKeyframe_NothingIsForwarded()
    {
        var bench = new ProjectionBench(Full);
        var stream = new Vp8Stream(0, 100, 7, 1, 0);
        Assert.All(stream.Frames(10), p => Assert.Null(bench.Feed(p)));
        Assert.True(bench.Projection.WantsKeyframe(bench.Now, out var encoding));
        Assert.Equal(0, encoding!.Index);
        Assert.NotNull(bench.Feed(stream.Frame(1, keyframe: true)[0]));
        Assert.False(bench.Projection.WantsKeyframe(bench.Now, out _));
    }

    [Fact]
    public void SwitchUp_WaitsForTheKeyframeAndGoesOnWithoutABreak()
    {
        var output = new OutputState();
        var bench = new ProjectionBench(LayerIndex.Of(0, 0, 2), output);
        var (low, high) = (new Vp8Stream(0, 100, 7, 1, 1000), new Vp8Stream(2, 60000, 9000, 77, 99_000_000));
        var seen = new List<Projected>();
        Feed(low.Frame(1, keyframe: true));
        for (var i = 0; i < 10; i++) Step();
        bench.Projection.SetTarget(LayerIndex.Of(2, 0, 2));
        for (var i = 0; i < 5; i++) Step();
        Assert.Equal(0, bench.Projection.CurrentEncoding);
        Assert.True(bench.Projection.WantsKeyframe(bench.Now, out var wanted));
        Assert.Equal(2, wanted!.Index);

        Feed(low.Frame(1, keyframe: true));
        Feed(high.Frame(4, keyframe: true));
        Assert.Equal(2, bench.Projection.CurrentEncoding);
        for (var i = 0; i < 10; i++) Step();
        AssertContinuous([.. seen]);

        void Step()
        {
            bench.Now += TimeSpan.FromMilliseconds(33);
            Feed(low.Frame(1));
            Feed(high.Frame(3));
        }

        void Feed(Vp8Packet[] packets) => seen.AddRange(packets.Select(bench.Feed).OfType<Projected>());
    }

    [Fact]
    public void WaitingToGoDown_ForwardsOnlyTheBaseLayer()
    {
        var bench = new ProjectionBench(LayerIndex.Of(2, 0, 2));
        var high = new Vp8Stream(2, 60000, 9000, 77, 99_000_000);
        foreach (var p in high.Frame(1, keyframe: true)) bench.Feed(p);
        bench.Projection.SetTarget(LayerIndex.Of(0, 0, 2));
        var forwarded = high.Frames(16).Where(p => bench.Feed(p) is not null).ToArray();
        Assert.All(forwarded, p => Assert.Equal(0, p.Tid));
        Assert.Equal(4, forwarded.Length);
    }

    [Fact]
    public void SmallKeyframeFirst_DoesNotPullTheRightPictureDown()
    {
        var bench = new ProjectionBench(LayerIndex.Of(2, 0, 2));
        var (low, high) = (new Vp8Stream(0, 100, 7, 1, 1000), new Vp8Stream(2, 60000, 9000, 77, 99_000_000));
        bench.Feed(high.Frame(1, keyframe: true)[0]);
        bench.Now += TimeSpan.FromMilliseconds(1000);
        bench.Feed(high.Frame(1)[0]);
        Assert.Null(bench.Feed(low.Frame(1, keyframe: true)[0]));
        Assert.NotNull(bench.Feed(high.Frame(1, keyframe: true)[0]));
    }

    [Fact]
    public void TargetSuspended_StopsAtOnceAndNeedsAKeyframeAgain()
    {
        var bench = new ProjectionBench(Full);
        var stream = new Vp8Stream(0, 100, 7, 1, 0);
        bench.Feed(stream.Frame(1, keyframe: true)[0]);
        bench.Projection.SetTarget(LayerIndex.Suspended);
        Assert.Null(bench.Feed(stream.Frame(1)[0]));
        bench.Projection.SetTarget(Full);
        Assert.Null(bench.Feed(stream.Frame(1)[0]));
        var resumed = bench.Feed(stream.Frame(1, keyframe: true)[0]);
        Assert.Equal(101, resumed!.Value.Sequence);
        Assert.Equal(8, resumed.Value.PictureId);
    }

    [Fact]
    public void HigherTemporalLayerAllowedMidway_BeginsWhereItCanBeDecoded()
    {
        var bench = new ProjectionBench(LayerIndex.Of(0, 0, 0));
        var stream = new Vp8Stream(0, 100, 7, 1, 0);
        bench.Feed(stream.Frame(1, keyframe: true)[0]);
        Assert.Null(bench.Feed(stream.Frame(1)[0]));
        Assert.Null(bench.Feed(stream.Frame(1)[0]));
        bench.Projection.SetTarget(Full);

        // Layer 2 after a refused layer 1 frame lacks its reference; after the next base frame it has one.
        Assert.Null(bench.Feed(stream.Frame(1)[0]));
        Assert.All(stream.Frames(4), p => Assert.NotNull(bench.Feed(p)));
    }

    private static void AssertContinuous(Projected[] output)
    {
        for (var i = 1; i < output.Length; i++)
        {
            Assert.Equal((ushort)(output[i - 1].Sequence + 1), output[i].Sequence);
            var step = (output[i].PictureId - output[i - 1].PictureId) & 0x7FFF;
            Assert.True(step is 0 or 1, $"picture {output[i - 1].PictureId} -> {output[i].PictureId}");
            var tl0 = (byte)(output[i].Tl0 - output[i - 1].Tl0);
            Assert.True(tl0 is 0 or 1, $"tl0 {output[i - 1].Tl0} -> {output[i].Tl0}");
            if (step == 1) Assert.True((int)(output[i].Timestamp - output[i - 1].Timestamp) > 0);
        }
    }
}
