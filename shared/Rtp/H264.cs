using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>The properties of an H.264 payload that a bridge needs (RFC 6184): whether a keyframe starts in it. Single NAL, STAP-A and FU-A are parsed.</summary>
public static class H264
{
    private const int Idr = 5;
    private const int Sps = 7;
    private const int StapA = 24;
    private const int FuA = 28;

    /// <summary>
    /// Whether an IDR slice begins here, or a sequence parameter set is contained: encoders send the parameter sets right before the IDR in the same access
    /// unit, and a receiver whose forwarding starts after them cannot decode it.
    /// </summary>
    public static bool IsKeyframeStart(ReadOnlySpan<byte> payload) => Find(payload, Idr) || Find(payload, Sps);

    /// <summary>Whether an IDR slice begins here.</summary>
    public static bool HasIdr(ReadOnlySpan<byte> payload) => Find(payload, Idr);

    public static bool HasSps(ReadOnlySpan<byte> payload) => Find(payload, Sps);

    /// <summary>The picture size from a sequence parameter set in the payload, without its cropped edges.</summary>
    public static bool TryReadSize(ReadOnlySpan<byte> payload, out int width, out int height)
    {
        width = height = 0;
        return TryFind(payload, Sps, out var unit) && H264SequenceParameters.TryReadSize(unit, out width, out height);
    }

    private static bool Find(ReadOnlySpan<byte> payload, int wanted) => TryFind(payload, wanted, out _);

    /// <param name="payload">An RTP payload.</param>
    /// <param name="wanted">A NAL unit type.</param>
    /// <param name="unit">The unit with its header; empty for the start of a fragmented one.</param>
    private static bool TryFind(ReadOnlySpan<byte> payload, int wanted, out ReadOnlySpan<byte> unit)
    {
        unit = default;
        if (payload.IsEmpty) return false;
        switch (payload[0] & 0x1F)
        {
            case StapA:
                // Section 5.7.1: aggregation units of a 16-bit size and a NAL unit.
                for (var rest = payload[1..]; rest.Length >= 3;)
                {
                    var size = BinaryPrimitives.ReadUInt16BigEndian(rest);
                    if (size == 0 || size > rest.Length - 2) return false;
                    unit = rest.Slice(2, size);
                    if ((unit[0] & 0x1F) == wanted) return true;
                    rest = rest[(2 + size)..];
                }

                unit = default;
                return false;
            case FuA:
                // Section 5.8: FU header |S|E|R| type |; only the first fragment starts the NAL unit.
                return payload.Length >= 2 && (payload[1] & 0x80) != 0 && (payload[1] & 0x1F) == wanted;
            default:
                unit = payload;
                return (payload[0] & 0x1F) == wanted;
        }
    }
}
