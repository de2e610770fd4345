using JitsiMesh.Contracts.Bridge;
using JitsiMesh.MediaBridge.BridgeChannel;

namespace JitsiMesh.MediaBridge.Conferences.Endpoints.Ingress;

/// <summary>The signalled SSRCs of a source. If two layouts are equal, the source needs no change.</summary>
internal sealed record SourceLayout(string Name, bool IsVideo, VideoType VideoType, IReadOnlyList<(uint Ssrc, uint RtxSsrc)> Encodings)
{
    /// <summary>Reads groups of RFC 5576: SIM lists the encodings from small to large, FID pairs one with its retransmissions. Null: no SSRC.</summary>
    public static SourceLayout? From(Source source)
    {
        var isVideo = source.Type == MediaType.Video;
        var rtx = new Dictionary<uint, uint>();
        uint[]? simulcast = null;
        foreach (var group in source.Groups)
        {
            if (string.Equals(group.Semantics, "FID", StringComparison.OrdinalIgnoreCase) && group.Ssrcs.Count >= 2) rtx[group.Ssrcs[0]] = group.Ssrcs[1];
            if (string.Equals(group.Semantics, "SIM", StringComparison.OrdinalIgnoreCase) && group.Ssrcs.Count >= 1) simulcast = [.. group.Ssrcs];
        }

        var encodings = new List<(uint, uint)>();
        if (simulcast is not null)
        {
            foreach (var ssrc in simulcast) encodings.Add((ssrc, rtx.GetValueOrDefault(ssrc)));
        }
        else
        {
            var repairs = new HashSet<uint>(rtx.Values);
            foreach (var ssrc in source.Ssrcs)
            {
                if (repairs.Contains(ssrc)) continue;
                encodings.Add((ssrc, rtx.GetValueOrDefault(ssrc)));
                break;
            }
        }

        return encodings.Count == 0 ? null : new SourceLayout(source.Name, isVideo, VideoTypes.Parse(source.VideoType), encodings);
    }

    /// <summary>The same SSRCs in the same roles: the source can stay unchanged.</summary>
    public bool HasSameStreams(SourceLayout other) => Name == other.Name && IsVideo == other.IsVideo && Encodings.SequenceEqual(other.Encodings);

    public IEnumerable<uint> AllSsrcs()
    {
        foreach (var (ssrc, rtxSsrc) in Encodings)
        {
            yield return ssrc;
            if (rtxSsrc != 0) yield return rtxSsrc;
        }
    }
}
