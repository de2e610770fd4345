namespace JitsiMesh.Rtp.Tests;

public sealed class CodecTests
{
    // Descriptor X S, I L T K; picture id 0x1234 in 15 bits; TL0PICIDX 7; TID 2, Y, KEYIDX 5; a keyframe tag, start code, 640x360 without scale.
    private static readonly byte[] Vp8Keyframe = Bytes.Hex("90 F0 9234 07 A5 10 02 00 9D 01 2A 8002 6801");

    [Fact]
    public void Vp8_FullDescriptor_ReadsAllFields()
    {
        Assert.True(Vp8Descriptor.TryParse(Vp8Keyframe, out var descriptor));
        Assert.Equal(6, descriptor.Length);
        Assert.True(descriptor.IsFrameStart);
        Assert.Equal(0x1234, descriptor.PictureId);
        Assert.Equal(7, descriptor.Tl0PictureIndex);
        Assert.Equal(2, descriptor.TemporalId);
        Assert.True(descriptor.LayerSync);
        Assert.Equal(5, descriptor.KeyIndex);
        Assert.True(descriptor.IsKeyframeStartOf(Vp8Keyframe));
        Assert.True(descriptor.TryReadKeyframeSize(Vp8Keyframe, out var width, out var height));
        Assert.Equal((640, 360), (width, height));
    }

    [Theory]
    [InlineData("10 00", true, 1)] // S, no X; P bit 0
    [InlineData("10 01", false, 1)]
    [InlineData("11 00", false, 1)] // second partition
    [InlineData("00 00", false, 1)] // not a start
    [InlineData("90 80 7F 00", true, 3)] // 7-bit picture id
    [InlineData("90 80 FFFF 00", true, 4)]
    [InlineData("90 20 C0 00", true, 3)] // T only
    [InlineData("90 00 01", false, 2)] // X with no extensions
    public void Vp8_Forms_GiveKeyframeAndLength(string hex, bool keyframe, int length)
    {
        var payload = Bytes.Hex(hex);
        Assert.Equal(keyframe, Vp8Descriptor.IsKeyframeStart(payload));
        Assert.True(Vp8Descriptor.TryParse(payload, out var descriptor));
        Assert.Equal(length, descriptor.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("80 80")]
    [InlineData("80 80 80")]
    [InlineData("80 40")]
    [InlineData("80 F0 8000 01")]
    public void Vp8_Truncated_IsRefused(string hex) => Assert.False(Vp8Descriptor.TryParse(Bytes.Hex(hex), out _));

    [Fact]
    public void Vp8_Rewrite_ChangesOnlyTheFields()
    {
        var payload = (byte[])Vp8Keyframe.Clone();
        Assert.True(Vp8Descriptor.TryParse(payload, out var descriptor));
        descriptor.RewritePictureId(payload, 0x7FFF);
        descriptor.RewriteTl0PictureIndex(payload, 0xFE);
        descriptor.RewriteKeyIndex(payload, 31);
        Assert.Equal("90F0FFFFFEBF", Convert.ToHexString(payload.AsSpan(0, 6)));
        Assert.Equal(Vp8Keyframe[6..], payload[6..]);

        var small = Bytes.Hex("90 80 05 00");
        Assert.True(Vp8Descriptor.TryParse(small, out descriptor));
        descriptor.RewritePictureId(small, 0x181);
        descriptor.RewriteTl0PictureIndex(small, 9);
        descriptor.RewriteKeyIndex(small, 9);
        Assert.Equal("90800100", Convert.ToHexString(small));
    }

    [Fact]
    public void Vp8_WriteFull_IsReadBack()
    {
        var payload = new byte[6];
        Assert.Equal(6, Vp8Descriptor.WriteFull(payload, true, true, 0x7ABC, 200, 1, true, 17));
        Assert.True(Vp8Descriptor.TryParse(payload, out var d));
        Assert.Equal((true, true, (ushort)0x7ABC, (byte)200, 1, true, 17), (d.IsFrameStart, d.NonReference, d.PictureId, d.Tl0PictureIndex, d.TemporalId, d.LayerSync, d.KeyIndex));
    }

    [Fact]
    public void Vp9_KeyframeWithStructure_ReadsSizes()
    {
        // I L B V; picture id 0x0102; TID 0, U, SID 0; TL0PICIDX 3; N_S = 1 (2 layers), Y, G with one picture of one reference.
        var payload = Bytes.Hex("AA 8102 10 03 38 0140 00B4 0280 0168 01 04 01 FF");
        Assert.True(Vp9Descriptor.TryParse(payload, out var descriptor));
        Assert.Equal(payload.Length - 1, descriptor.Length);
        Assert.True(descriptor.IsKeyframeStart);
        Assert.Equal(0x102, descriptor.PictureId);
        Assert.Equal(3, descriptor.Tl0PictureIndex);
        Assert.True(descriptor.IsSwitchingUpPoint);
        var structure = descriptor.Structure!.Value;
        Assert.Equal((2, true, 1), (structure.SpatialLayerCount, structure.HasSizes, structure.PicturesInGroup));
        Assert.Equal((640, 360), structure.GetSize(1));
    }

    [Fact]
    public void Vp9_FlexibleInterFrame_SkipsReferences()
    {
        // I P L F E; picture id 7 bits; TID 2, SID 1, D; two P_DIFF.
        var payload = Bytes.Hex("F4 05 43 03 02 AA");
        Assert.True(Vp9Descriptor.TryParse(payload, out var descriptor));
        Assert.Equal(5, descriptor.Length);
        Assert.Equal((2, 1, true), (descriptor.TemporalId, descriptor.SpatialId, descriptor.InterLayerDependent));
        Assert.False(descriptor.IsKeyframeStart);
        Assert.False(descriptor.HasTl0PictureIndex);
        Assert.True(descriptor.IsFrameEnd);
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("80 80")]
    [InlineData("20 00")]
    [InlineData("50 03 03 03")] // four references
    [InlineData("50 03")]
    [InlineData("02 30 0001")]
    [InlineData("02 08 02 04")]
    public void Vp9_Truncated_IsRefused(string hex) => Assert.False(Vp9Descriptor.TryParse(Bytes.Hex(hex), out _));

    [Fact]
    public void Vp9_Rewrite_ChangesOnlyTheFields()
    {
        var payload = Bytes.Hex("A8 8102 10 03 FF");
        Assert.True(Vp9Descriptor.TryParse(payload, out var descriptor));
        descriptor.RewritePictureId(payload, 0x7FFE);
        descriptor.RewriteTl0PictureIndex(payload, 0x44);
        Assert.Equal("A8FFFE1044FF", Convert.ToHexString(payload));
    }

    [Theory]
    [InlineData("65 88", true, true)]
    [InlineData("67 42", true, false)]
    [InlineData("41 9A", false, false)]
    [InlineData("78 0002 6742 0002 68CE", true, false)] // STAP-A with SPS and PPS
    [InlineData("78 0002 68CE 0002 6588", true, true)]
    [InlineData("78 0002 41CE 0009 6588", false, false)] // second size reaches past the end
    [InlineData("7C 85 AA", true, true)] // FU-A start of IDR
    [InlineData("7C 05 AA", false, false)] // middle of it
    [InlineData("7C 81 AA", false, false)]
    [InlineData("7C", false, false)]
    [InlineData("", false, false)]
    public void H264_Payloads_TellKeyframes(string hex, bool start, bool idr)
    {
        Assert.Equal(start, H264.IsKeyframeStart(Bytes.Hex(hex)));
        Assert.Equal(idr, H264.HasIdr(Bytes.Hex(hex)));
    }
}
