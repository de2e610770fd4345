using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp.Tests;

/// <summary>The parameter sets are x264's, of test pictures in the sizes named.</summary>
public sealed class H264SequenceParametersTests
{
    [Theory]
    [InlineData("6742c016d900a02ff97011000003000100000300020f162e48", 640, 360)] // baseline
    [InlineData("6742c00ad9028df93011000003000100000300020f122648", 160, 90)]
    [InlineData("674d400ceca0a0cfcf80880000030008000003001078a14cb0", 320, 180)] // main
    [InlineData("67640028acd940780227e5c044000003000400000300083c60c658", 1920, 1080)] // high
    [InlineData("677a001fbcd9405005bb011000000300100000030020f1831960", 1280, 720)] // high, 4:2:2
    [InlineData("67f40016919b281405ff3e022000000300200000030041e2c5b2c0", 640, 362)] // high, 4:4:4
    [InlineData("6764001eacd940b424d8088000000300800000190f8a14cb", 720, 576)] // interlaced
    public void TryReadSize_OfX264_GivesThePictures(string hex, int width, int height)
    {
        Assert.True(H264SequenceParameters.TryReadSize(Bytes.Hex(hex), out var w, out var h));
        Assert.Equal((width, height), (w, h));
    }

    [Fact]
    public void TryReadSize_InAnAggregate_FindsThePictures()
    {
        var payload = Bytes.Hex("78 0002 68CE 0019 6742c016d900a02ff97011000003000100000300020f162e48 0002 6588");
        Assert.True(H264.TryReadSize(payload, out var width, out var height));
        Assert.Equal((640, 360), (width, height));
        Assert.False(H264.TryReadSize(Bytes.Hex("78 0002 68CE 0002 6588"), out _, out _));
        Assert.False(H264.TryReadSize(Bytes.Hex("7C 87 42C016D9"), out _, out _));
    }

    [Fact]
    public void TryReadSize_CutShortOrChanged_GivesFalseOrASaneSize()
    {
        var whole = Bytes.Hex("67640028acd940780227e5c044000003000400000300083c60c658");
        for (var length = 0; length < 11; length++) Assert.False(H264SequenceParameters.TryReadSize(whole.AsSpan(0, length), out _, out _));
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var changed = whole.AsSpan(0, random.Next(whole.Length + 1)).ToArray();
            for (var j = 0; j < 3 && changed.Length > 0; j++) changed[random.Next(changed.Length)] = (byte)random.Next(256);
            if (!H264SequenceParameters.TryReadSize(changed, out var w, out var h)) continue;
            Assert.InRange(w, 1, ushort.MaxValue);
            Assert.InRange(h, 1, ushort.MaxValue);
        }
    }
}
