using JitsiMesh.Primitives;

namespace JitsiMesh.Rtp.Tests;

public sealed class Av1DependencyDescriptorTests
{
    [Fact]
    public void Read_L1T2Keyframe_GivesStructure()
    {
        var reader = new Av1DependencyDescriptorReader();
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(L1T2Keyframe(frameNumber: 100), out var descriptor));
        Assert.True(descriptor.IsKeyframe);
        Assert.True(descriptor.IsFrameStart);
        Assert.True(descriptor.IsFrameEnd);
        Assert.Equal(100, descriptor.FrameNumber);
        Assert.Equal(3u, descriptor.ActiveDecodeTargets);
        var structure = reader.Structure!;
        Assert.Equal(3, structure.Templates.Count);
        Assert.Equal((0, 1), (structure.MaxSpatialId, structure.MaxTemporalId));
        Assert.Equal([new Av1DecodeTarget(0, 0, 0), new Av1DecodeTarget(0, 1, 0)], structure.DecodeTargets);
        Assert.Equal([(1280, 720)], structure.Resolutions);
        Assert.Equal(DecodeTargetIndication.Switch, descriptor.GetIndication(0));
        Assert.Equal(0, descriptor.GetChainDiff(0));
    }

    [Fact]
    public void Read_DeltaFrame_TakesLayersFromTemplate()
    {
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(L1T2Keyframe(100), out _);

        // Start and end, template 60 + 2, frame 101: three bytes only.
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(Delta(62, 101), out var descriptor));
        Assert.False(descriptor.HasAttachedStructure);
        Assert.Equal((0, 1), (descriptor.SpatialId, descriptor.TemporalId));
        Assert.Equal(1, descriptor.FrameDiffCount);
        Assert.Equal(1, descriptor.GetFrameDiff(0));
        Assert.Equal(DecodeTargetIndication.NotPresent, descriptor.GetIndication(0));
        Assert.Equal(DecodeTargetIndication.Discardable, descriptor.GetIndication(1));
        Assert.Null(descriptor.ActiveDecodeTargets);
        Assert.Equal(3u, reader.ActiveDecodeTargets);
    }

    [Fact]
    public void Read_BeforeAnyStructure_IsUnknown() =>
        Assert.Equal(DependencyDescriptorResult.UnknownStructure, new Av1DependencyDescriptorReader().Read(Delta(60, 1), out _));

    [Fact]
    public void Read_TemplateOutsideStructure_IsUnknown()
    {
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(L1T2Keyframe(100), out _);
        Assert.Equal(DependencyDescriptorResult.UnknownStructure, reader.Read(Delta(63, 101), out _));
    }

    [Fact]
    public void Read_LateOlderKeyframe_KeepsTheNewStructure()
    {
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(L1T2Keyframe(2), out _);
        var structure = reader.Structure;
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(L1T2Keyframe(65530), out _));
        Assert.Same(structure, reader.Structure);
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(L1T2Keyframe(3), out _));
        Assert.NotSame(structure, reader.Structure);
    }

    [Theory]
    [InlineData(60u)]
    [InlineData(0u)]
    public void Read_LateFrameOfAnEarlierStructure_IsReadByThatOne(uint nextOffset)
    {
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(L1T2Keyframe(65530), out _);
        var earlier = reader.Structure;
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(L1T2Keyframe(10, nextOffset), out _));
        var present = reader.Structure;
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(Delta(61, 5), out var late));
        Assert.Same(earlier, late.Structure);
        Assert.Same(present, reader.Structure);
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(Delta(nextOffset + 1, 11), out var next));
        Assert.Same(present, next.Structure);
    }

    [Fact]
    public void Read_LateFrame_DoesNotTurnDecodeTargetsOnAgain()
    {
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(L1T2Keyframe(100), out _);
        reader.Read(Masked(105, 1), out _);
        Assert.Equal(1u, reader.ActiveDecodeTargets);
        reader.Read(Masked(103, 3), out _);
        Assert.Equal(1u, reader.ActiveDecodeTargets);
        reader.Read(Masked(106, 3), out _);
        Assert.Equal(3u, reader.ActiveDecodeTargets);

        static byte[] Masked(uint frame, uint mask) => new Bits().Add(3, 2).Add(61, 6).Add(frame, 16).Add(0, 1).Add(1, 1).Add(0, 3).Add(mask, 2).ToArray();
    }

    [Fact]
    public void Read_CustomFields_OverrideTemplate()
    {
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(L1T2Keyframe(100), out _);
        var bits = new Bits().Add(1, 1).Add(0, 1).Add(61, 6).Add(105, 16)
            .Add(0, 1).Add(1, 1).Add(1, 1).Add(1, 1).Add(1, 1) // active, dtis, fdiffs, chains
            .Add(2, 2) // mask
            .Add(0, 2).Add(3, 2) // dtis
            .Add(1, 2).Add(4, 4).Add(2, 2).Add(99, 8).Add(0, 2) // fdiffs 5, 100
            .Add(200, 8);
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(bits.ToArray(), out var descriptor));
        Assert.True(descriptor.IsFrameStart);
        Assert.False(descriptor.IsFrameEnd);
        Assert.Equal(2u, reader.ActiveDecodeTargets);
        Assert.Equal(DecodeTargetIndication.Required, descriptor.GetIndication(1));
        Assert.Equal((2, 5, 100), (descriptor.FrameDiffCount, descriptor.GetFrameDiff(0), descriptor.GetFrameDiff(1)));
        Assert.Equal(200, descriptor.GetChainDiff(0));
    }

    [Fact]
    public void Rewrite_Keyframe_ShiftsTemplatesAndPutsMaskIn()
    {
        var reader = new Av1DependencyDescriptorReader();
        var source = L1T2Keyframe(100);
        reader.Read(source, out var descriptor);
        var buffer = new byte[source.Length + Av1DependencyDescriptorWriter.MaxGrowth];
        Assert.True(Av1DependencyDescriptorWriter.TryRewrite(source, descriptor, 5, 7, 1, buffer, out var written));

        var other = new Av1DependencyDescriptorReader();
        Assert.Equal(DependencyDescriptorResult.Ok, other.Read(buffer.AsSpan(0, written), out var rewritten));
        Assert.Equal((5, (60 + 7) % 64), (rewritten.FrameNumber, rewritten.TemplateId));
        Assert.Equal((60 + 7) % 64, other.Structure!.TemplateIdOffset);
        Assert.Equal(1u, other.ActiveDecodeTargets);
        Assert.Equal([(1280, 720)], other.Structure.Resolutions);
        Assert.Equal(descriptor.GetIndication(1), rewritten.GetIndication(1));

        Assert.True(Av1DependencyDescriptorWriter.TryRewrite(Delta(61, 101), Parse(reader, Delta(61, 101)), 6, 7, null, buffer, out written));
        Assert.Equal(3, written);
        Assert.Equal(DependencyDescriptorResult.Ok, other.Read(buffer.AsSpan(0, written), out rewritten));
        Assert.Equal(6, rewritten.FrameNumber);
    }

    [Fact]
    public void Rewrite_ThreeByteDescriptorWithMask_Grows()
    {
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(L1T2Keyframe(100), out _);
        var buffer = new byte[3 + Av1DependencyDescriptorWriter.MaxGrowth];
        Assert.True(Av1DependencyDescriptorWriter.TryRewrite(Delta(62, 101), Parse(reader, Delta(62, 101)), 101, 0, 1, buffer, out var written));
        Assert.Equal(4, written);
        Assert.Equal(DependencyDescriptorResult.Ok, reader.Read(buffer.AsSpan(0, written), out var descriptor));
        Assert.Equal(1u, descriptor.ActiveDecodeTargets);
        Assert.Equal((0, 1), (descriptor.SpatialId, descriptor.TemporalId));
        Assert.False(Av1DependencyDescriptorWriter.TryRewrite(Delta(62, 101), descriptor, 101, 0, 1, new byte[3], out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("C000")]
    [InlineData("C0 0064 80")] // structure announced and cut
    public void Read_Truncated_IsMalformed(string hex) =>
        Assert.Equal(DependencyDescriptorResult.Malformed, new Av1DependencyDescriptorReader().Read(Bytes.Hex(hex), out _));

    [Fact]
    public void NonSymmetric_AllValues_AreReadBack()
    {
        for (uint n = 1; n < 40; n++)
        {
            for (uint value = 0; value < n; value++)
            {
                var buffer = new byte[4];
                var writer = new BitWriter(buffer);
                writer.WriteNonSymmetric(value, n);
                var reader = new BitReader(buffer);
                Assert.Equal(value, reader.ReadNonSymmetric(n));
                Assert.Equal(writer.Position, reader.Position);
            }
        }
    }

    internal static byte[] Delta(uint template, uint frame) => new Bits().Add(3, 2).Add(template, 6).Add(frame, 16).ToArray();

    /// <summary>Two temporal layers: keyframe, T0 and T1 templates from id 60, one chain over T0, 1280x720.</summary>
    internal static byte[] L1T2Keyframe(uint frameNumber, uint offset = 60) => new Bits()
        .Add(3, 2).Add(offset, 6).Add(frameNumber, 16)
        .Add(1, 1).Add(0, 4) // structure only
        .Add(offset, 6).Add(1, 5) // offset, two decode targets
        .Add(0, 2).Add(1, 2).Add(3, 2) // T0, T0, T1
        .Add(2, 2).Add(2, 2).Add(2, 2).Add(3, 2).Add(0, 2).Add(1, 2) // SS, SR, -D
        .Add(0, 1).Add(1, 1).Add(1, 4).Add(0, 1).Add(1, 1).Add(0, 4).Add(0, 1) // {}, {2}, {1}
        .Add(2, 2) // one chain: ns(3) of 1 is the two bits 10
        .Add(0, 4).Add(2, 4).Add(1, 4) // ns(1) takes no bits; chain diffs
        .Add(1, 1).Add(1279, 16).Add(719, 16)
        .ToArray();

    private static Av1DependencyDescriptor Parse(Av1DependencyDescriptorReader reader, byte[] value)
    {
        Assert.Equal(DependencyDescriptorResult.Ok, Av1DependencyDescriptorReader.Parse(value, reader.Structure, out var descriptor));
        return descriptor;
    }

    private sealed class Bits
    {
        private readonly List<bool> _bits = [];

        public Bits Add(uint value, int count)
        {
            for (var i = count - 1; i >= 0; i--) _bits.Add(((value >> i) & 1) != 0);
            return this;
        }

        public byte[] ToArray()
        {
            var bytes = new byte[(_bits.Count + 7) / 8];
            for (var i = 0; i < _bits.Count; i++) if (_bits[i]) bytes[i / 8] |= (byte)(0x80 >> (i % 8));
            return bytes;
        }
    }
}
