namespace JitsiMesh.Rtp;

/// <summary>How a frame relates to a decode target (AV1 RTP payload specification, appendix A, "DTI").</summary>
public enum DecodeTargetIndication : byte
{
    NotPresent = 0,
    Discardable = 1,
    Switch = 2,
    Required = 3,
}

/// <summary>One frame dependency template.</summary>
public sealed record Av1Template(int SpatialId, int TemporalId, DecodeTargetIndication[] DecodeTargets, int[] FrameDiffs, int[] ChainDiffs);

/// <summary>The layers of a decode target.</summary>
public readonly record struct Av1DecodeTarget(int SpatialId, int TemporalId, int ProtectingChain);

/// <summary>
/// The template dependency structure that arrives with keyframes and that every later frame refers to. Immutable: a projection may keep old ones
/// for late frames.
/// </summary>
public sealed class Av1TemplateStructure
{
    internal Av1TemplateStructure(int templateIdOffset, Av1Template[] templates, Av1DecodeTarget[] decodeTargets, int chainCount, (int Width, int Height)[] resolutions)
    {
        TemplateIdOffset = templateIdOffset;
        Templates = templates;
        DecodeTargets = decodeTargets;
        ChainCount = chainCount;
        Resolutions = resolutions;
        foreach (var template in templates)
        {
            MaxSpatialId = Math.Max(MaxSpatialId, template.SpatialId);
            MaxTemporalId = Math.Max(MaxTemporalId, template.TemporalId);
        }
    }

    public int TemplateIdOffset { get; }

    public IReadOnlyList<Av1Template> Templates { get; }

    public IReadOnlyList<Av1DecodeTarget> DecodeTargets { get; }

    public int ChainCount { get; }

    /// <summary>Maximum render size per spatial layer; empty when not given.</summary>
    public IReadOnlyList<(int Width, int Height)> Resolutions { get; }

    public int MaxSpatialId { get; }

    public int MaxTemporalId { get; }

    /// <summary>The bitmask of all decode targets.</summary>
    public uint AllDecodeTargets => DecodeTargets.Count == 32 ? uint.MaxValue : (1u << DecodeTargets.Count) - 1;

    public bool TryGetTemplate(int templateId, out Av1Template template)
    {
        var index = (templateId + 64 - TemplateIdOffset) & 63;
        template = index < Templates.Count ? Templates[index] : Templates[0];
        return index < Templates.Count;
    }

    internal static bool TryRead(ref BitReader reader, out Av1TemplateStructure structure)
    {
        structure = null!;
        var offset = (int)reader.ReadBits(6);
        var targetCount = (int)reader.ReadBits(5) + 1;

        Span<(int Spatial, int Temporal)> layers = stackalloc (int, int)[RtpLimits.MaxTemplates];
        if (!TryReadLayers(ref reader, layers, out var count)) return false;

        var indications = new DecodeTargetIndication[count][];
        for (var t = 0; t < count; t++)
        {
            indications[t] = new DecodeTargetIndication[targetCount];
            for (var d = 0; d < targetCount; d++) indications[t][d] = (DecodeTargetIndication)reader.ReadBits(2);
            if (reader.Failed) return false;
        }

        var diffs = new int[count][];
        for (var t = 0; t < count; t++)
        {
            if (!TryReadTemplateDiffs(ref reader, out diffs[t])) return false;
        }

        var chains = (int)reader.ReadNonSymmetric((uint)targetCount + 1);
        var protectedBy = new int[targetCount];
        var chainDiffs = new int[count][];
        Array.Fill(chainDiffs, []);
        if (chains > 0)
        {
            for (var d = 0; d < targetCount; d++) protectedBy[d] = (int)reader.ReadNonSymmetric((uint)chains);
            for (var t = 0; t < count; t++)
            {
                chainDiffs[t] = new int[chains];
                for (var c = 0; c < chains; c++) chainDiffs[t][c] = (int)reader.ReadBits(4);
                if (reader.Failed) return false;
            }
        }

        var templates = new Av1Template[count];
        for (var t = 0; t < count; t++) templates[t] = new Av1Template(layers[t].Spatial, layers[t].Temporal, indications[t], diffs[t], chainDiffs[t]);

        var targets = new Av1DecodeTarget[targetCount];
        for (var d = 0; d < targetCount; d++)
        {
            int spatial = 0, temporal = 0;
            foreach (var template in templates)
            {
                if (template.DecodeTargets[d] == DecodeTargetIndication.NotPresent) continue;
                spatial = Math.Max(spatial, template.SpatialId);
                temporal = Math.Max(temporal, template.TemporalId);
            }

            targets[d] = new Av1DecodeTarget(spatial, temporal, chains > 0 ? protectedBy[d] : -1);
        }

        var resolutions = Array.Empty<(int, int)>();
        if (reader.ReadBit())
        {
            var spatialLayers = layers[count - 1].Spatial + 1;
            resolutions = new (int, int)[spatialLayers];
            for (var s = 0; s < spatialLayers; s++) resolutions[s] = ((int)reader.ReadBits(16) + 1, (int)reader.ReadBits(16) + 1);
        }

        if (reader.Failed) return false;
        structure = new Av1TemplateStructure(offset, templates, targets, chains, resolutions);
        return true;
    }

    private static bool TryReadLayers(ref BitReader reader, scoped Span<(int Spatial, int Temporal)> layers, out int count)
    {
        count = 0;
        int spatial = 0, temporal = 0;
        while (true)
        {
            if (count == layers.Length || reader.Failed) return false;
            layers[count++] = (spatial, temporal);
            switch (reader.ReadBits(2))
            {
                case 1:
                    temporal++;
                    break;
                case 2:
                    temporal = 0;
                    spatial++;
                    break;
                case 3:
                    return temporal < 8 && spatial < RtpLimits.MaxSpatialLayers;
            }

            // The identifiers have three and two bits in the payload's own headers.
            if (temporal >= 8 || spatial >= RtpLimits.MaxSpatialLayers) return false;
        }
    }

    private static bool TryReadTemplateDiffs(ref BitReader reader, out int[] diffs)
    {
        Span<int> read = stackalloc int[RtpLimits.MaxFrameDiffs];
        var count = 0;
        diffs = [];
        while (reader.ReadBit())
        {
            if (count == read.Length) return false;
            read[count++] = (int)reader.ReadBits(4) + 1;
        }

        diffs = read[..count].ToArray();
        return !reader.Failed;
    }
}
