namespace JitsiMesh.Rtp.Tests.Fuzz;

/// <summary>Any bytes as a dependency descriptor after a valid keyframe; a parsed descriptor must survive a rewrite.</summary>
public static class Av1DependencyDescriptorFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        new Av1DependencyDescriptorReader().Read(data, out _);
        var reader = new Av1DependencyDescriptorReader();
        reader.Read(Av1DependencyDescriptorTests.L1T2Keyframe(1), out _);
        if (reader.Read(data, out var descriptor) != DependencyDescriptorResult.Ok) return;

        var buffer = new byte[data.Length + Av1DependencyDescriptorWriter.MaxGrowth];
        if (!Av1DependencyDescriptorWriter.TryRewrite(data, descriptor, 9, 3, descriptor.Structure.AllDecodeTargets, buffer, out var written)) throw new InvalidOperationException("no room for a rewrite");
        var structure = descriptor.HasAttachedStructure ? null : descriptor.Structure;
        if (structure is not null) return;
        if (Av1DependencyDescriptorReader.Parse(buffer.AsSpan(0, written), null, out var again) != DependencyDescriptorResult.Ok) throw new InvalidOperationException("a rewritten descriptor does not parse");
        if (again.SpatialId != descriptor.SpatialId || again.FrameDiffCount != descriptor.FrameDiffCount) throw new InvalidOperationException("a rewrite changed the frame");
    }
}
