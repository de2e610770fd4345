using System.Buffers.Binary;

namespace JitsiMesh.Rtp;

/// <summary>What a bridge needs of an H.264 payload (RFC 6184): whether a keyframe starts in it. Single NAL, STAP-A and FU-A are looked into.</summary>
public static class H264
{
    private const int Idr = 5;
    private const int Sps = 7;
    private const int StapA = 24;
    private const int FuA = 28;

    /// <summary>
    /// An IDR slice begins here, or a sequence parameter set stands here: encoders send the parameter sets right before the IDR in the same access
    /// unit, and a receiver that is let in only after them cannot decode it.
    /// </summary>
    public static bool IsKeyframeStart(ReadOnlySpan<byte> payload) => Find(payload, Idr) || Find(payload, Sps);

    /// <summary>An IDR slice begins here.</summary>
    public static bool HasIdr(ReadOnlySpan<byte> payload) => Find(payload, Idr);

    public static bool HasSps(ReadOnlySpan<byte> payload) => Find(payload, Sps);

    private static bool Find(ReadOnlySpan<byte> payload, int wanted)
    {
        if (payload.IsEmpty) return false;
        switch (payload[0] & 0x1F)
        {
            case StapA:
                // Section 5.7.1: aggregation units of a 16-bit size and a NAL unit.
                for (var rest = payload[1..]; rest.Length >= 3;)
                {
                    var size = BinaryPrimitives.ReadUInt16BigEndian(rest);
                    if (size == 0 || size > rest.Length - 2) return false;
                    if ((rest[2] & 0x1F) == wanted) return true;
                    rest = rest[(2 + size)..];
                }

                return false;
            case FuA:
                // Section 5.8: FU header |S|E|R| type |; only the first fragment starts the NAL unit.
                return payload.Length >= 2 && (payload[1] & 0x80) != 0 && (payload[1] & 0x1F) == wanted;
            default:
                return (payload[0] & 0x1F) == wanted;
        }
    }
}
