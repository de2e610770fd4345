using JitsiMesh.Primitives;

namespace JitsiMesh.Srtp;

/// <summary>The 48-bit packet index: roll-over counter and sequence number (RFC 3711 section 3.3.1).</summary>
internal static class PacketIndex
{
    public const long None = -1;

    /// <summary>
    /// The most likely index of <paramref name="sequenceNumber"/> after <paramref name="highest"/> was seen (RFC 3711 appendix A). Negative:
    /// before the start of the stream.
    /// </summary>
    public static long Guess(long highest, ushort sequenceNumber) =>
        highest == None ? sequenceNumber : highest + SequenceArithmetic.Distance((ushort)highest, sequenceNumber);

    public static uint RolloverCounter(long index) => (uint)(index >> 16);
}
