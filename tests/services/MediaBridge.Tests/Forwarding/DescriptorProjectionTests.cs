using JitsiMesh.MediaBridge.Conferences.Endpoints.Egress;
using JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

namespace JitsiMesh.MediaBridge.Tests.Forwarding;

public sealed class DescriptorProjectionTests
{
    private static readonly int Full = LayerIndex.Of(0, 1, 1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void All_layers_wanted_gives_each_frame_of_the_upper_decode_target_without_a_hole(bool keyOnly)
    {
        var bench = new DescribedBench(Full);
        var stream = new DescribedStream(2, keyOnly);
        var output = bench.Feed(stream.Picture(keyframe: true));
        Assert.Equal(2, output.Count);
        for (var i = 0; i < 40; i++) output.AddRange(bench.Feed(stream.Picture()));
        AssertContinuous(output);

        // With independent layers the lower one is of no use to who shows the upper one.
        Assert.Equal(keyOnly ? 2 + 40 : 2 + 80, output.Count);
        Assert.False(bench.WantsKeyframe);
    }

    [Theory]
    [InlineData(0, 0, 1 + 20)]
    [InlineData(0, 1, 1 + 40)]
    public void A_lower_layer_wanted_gives_that_one_alone(int spatial, int temporal, int frames)
    {
        var bench = new DescribedBench(LayerIndex.Of(0, spatial, temporal));
        var stream = new DescribedStream(2, keyOnly: true);
        var output = bench.Feed(stream.Picture(keyframe: true));
        for (var i = 0; i < 40; i++) output.AddRange(bench.Feed(stream.Picture()));
        AssertContinuous(output);
        Assert.Equal(frames, output.Count);
        Assert.All(output, one => Assert.True(one.Packet.Spatial <= spatial && one.Packet.Temporal <= temporal));
    }

    [Fact]
    public void A_sender_that_drops_its_upper_layer_is_asked_for_a_keyframe_and_seen_again_with_the_lower_one()
    {
        var bench = new DescribedBench(Full);
        var stream = new DescribedStream(2, keyOnly: true);
        var output = bench.Feed(stream.Picture(keyframe: true));
        for (var i = 0; i < 10; i++) output.AddRange(bench.Feed(stream.Picture()));

        stream.Active = 1;
        Assert.Empty(bench.Feed(stream.Picture(tellActive: true)));
        Assert.True(bench.WantsKeyframe);
        for (var i = 0; i < 5; i++) bench.Feed(stream.Picture());

        output.AddRange(bench.Feed(stream.Picture(keyframe: true, tellActive: true)));
        Assert.False(bench.WantsKeyframe);
        var before = output.Count;
        for (var i = 0; i < 20; i++) output.AddRange(bench.Feed(stream.Picture()));
        Assert.Equal(before + 20, output.Count);
        AssertContinuous(output);
    }

    [Fact]
    public void A_sender_whose_layers_build_on_each_other_drops_the_upper_one_and_is_seen_on_at_once()
    {
        var bench = new DescribedBench(Full);
        var stream = new DescribedStream(2, keyOnly: false);
        bench.Feed(stream.Picture(keyframe: true));
        for (var i = 0; i < 9; i++) bench.Feed(stream.Picture());
        stream.Active = 1;
        var output = bench.Feed(stream.Picture(tellActive: true));
        for (var i = 0; i < 20; i++) output.AddRange(bench.Feed(stream.Picture()));
        Assert.Equal(21, output.Count);
        Assert.False(bench.WantsKeyframe);

        // What ends the picture now is the lower layer.
        Assert.All(output.Skip(1), one => Assert.True(one.Numbers.Marker));
    }

    [Fact]
    public void The_upper_layer_that_comes_back_with_a_keyframe_is_taken_with_that_keyframe()
    {
        var bench = new DescribedBench(Full);
        var stream = new DescribedStream(2, keyOnly: true) { Active = 1 };
        bench.Feed(stream.Picture(keyframe: true, tellActive: true));
        for (var i = 0; i < 10; i++) bench.Feed(stream.Picture());
        stream.Active = 2;
        var output = bench.Feed(stream.Picture(keyframe: true));
        for (var i = 0; i < 10; i++) output.AddRange(bench.Feed(stream.Picture()));
        Assert.Equal([0, 1, .. Enumerable.Repeat(1, 10)], output.Select(one => one.Packet.Spatial));
        AssertContinuous(output);
    }

    [Fact]
    public void What_an_allocation_hangs_on_is_told_when_layers_go_and_come()
    {
        var bench = new DescribedBench(Full);
        var stream = new DescribedStream(2, keyOnly: true);
        bench.Feed(stream.Picture(keyframe: true));
        Assert.Equal(1, bench.LayerChanges);
        foreach (var _ in Enumerable.Range(0, 7)) bench.Feed(stream.Picture());
        Assert.Equal(1, bench.LayerChanges);

        // Once more when the rates of new layers can be told, and once again after a second.
        foreach (var _ in Enumerable.Range(0, 5)) bench.Feed(stream.Picture());
        Assert.Equal(2, bench.LayerChanges);
        foreach (var _ in Enumerable.Range(0, 40)) bench.Feed(stream.Picture());
        Assert.Equal(3, bench.LayerChanges);
        Assert.All(Layers(bench), layer => Assert.True(layer.BitsPerSecond > 0, layer.ToString()));

        stream.Active = 1;
        bench.Feed(stream.Picture(tellActive: true));
        Assert.Equal(4, bench.LayerChanges);
        Assert.All(Layers(bench), layer => Assert.Equal(LayerIndex.Spatial(layer.Index) == 0, layer.BitsPerSecond > 0));

        stream.Active = 2;
        foreach (var _ in Enumerable.Range(0, 4)) bench.Feed(stream.Picture());
        bench.Feed(stream.Picture(keyframe: true));
        Assert.Equal(5, bench.LayerChanges);
        Assert.All(Layers(bench), layer => Assert.True(layer.BitsPerSecond > 0, layer.ToString()));
    }

    [Fact]
    public void A_layer_that_stays_away_without_a_word_is_taken_as_gone()
    {
        var bench = new DescribedBench(Full);
        var stream = new DescribedStream(2, keyOnly: false);
        bench.Feed(stream.Picture(keyframe: true));
        foreach (var _ in Enumerable.Range(0, 4)) bench.Feed(stream.Picture());
        stream.Active = 1;
        foreach (var _ in Enumerable.Range(0, 20)) bench.Feed(stream.Picture());
        Assert.Equal(3, bench.LayerChanges);
        Assert.All(Layers(bench), layer => Assert.Equal(LayerIndex.Spatial(layer.Index) == 0, layer.BitsPerSecond > 0));
    }

    [Fact]
    public void A_sender_that_changes_its_layers_with_every_picture_is_not_followed_with_every_picture()
    {
        var bench = new DescribedBench(Full);
        var stream = new DescribedStream(2, keyOnly: false);
        bench.Feed(stream.Picture(keyframe: true));
        for (var i = 0; i < 100; i++)
        {
            stream.Active = 1 + (i % 2);
            bench.Feed(stream.Picture(tellActive: true));
        }

        Assert.InRange(bench.LayerChanges, 2, 60);
    }

    private static List<LayerSnapshot> Layers(DescribedBench bench) => bench.Source.GetLayers(bench.Now);

    private static void AssertContinuous(List<(DescribedPacket Packet, PacketNumbers Numbers)> output)
    {
        for (var i = 1; i < output.Count; i++)
        {
            Assert.Equal((ushort)(output[i - 1].Numbers.Sequence + 1), output[i].Numbers.Sequence);

            // References are distances: those between frame numbers stay.
            Assert.Equal((ushort)(output[i].Packet.Frame - output[i - 1].Packet.Frame), (ushort)(output[i].Numbers.FrameNumber - output[i - 1].Numbers.FrameNumber));
        }
    }
}
