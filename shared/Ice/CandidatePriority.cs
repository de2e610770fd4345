using System.Globalization;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The formulas of RFC 8445 sections 5.1.2.1, 5.1.1.3 and 6.1.2.3.</summary>
public static class CandidatePriority
{
    /// <summary>2^24 * type preference + 2^8 * local preference + (256 - component), with the recommended type preferences.</summary>
    public static uint Compute(CandidateType type, ushort localPreference, int component = 1) =>
        (TypePreference(type) << 24) | ((uint)localPreference << 8) | (uint)(256 - component);

    /// <summary>The priority of the same base as a candidate of another type: what a check's PRIORITY attribute carries (section 7.1.1).</summary>
    public static uint WithType(uint priority, CandidateType type) => (TypePreference(type) << 24) | (priority & 0x00FF_FFFF);

    /// <summary>2^32 * min(G,D) + 2 * max(G,D) + (G > D ? 1 : 0), G being the controlling side's candidate.</summary>
    public static ulong OfPair(uint controlling, uint controlled) =>
        ((ulong)Math.Min(controlling, controlled) << 32) + (2UL * Math.Max(controlling, controlled)) + (controlling > controlled ? 1UL : 0UL);

    /// <summary>Up to ten digits that are equal for one type and base IP address (FNV-1a; a collision only delays a check).</summary>
    public static string Foundation(CandidateType type, TransportAddress baseAddress)
    {
        Span<byte> bytes = stackalloc byte[17];
        bytes[0] = (byte)type;
        var length = 1 + baseAddress.WriteAddress(bytes[1..]);
        var hash = 2166136261u;
        foreach (var value in bytes[..length]) hash = (hash ^ value) * 16777619u;
        return hash.ToString(CultureInfo.InvariantCulture);
    }

    private static uint TypePreference(CandidateType type) => type switch
    {
        CandidateType.Host => 126,
        CandidateType.PeerReflexive => 110,
        CandidateType.ServerReflexive => 100,
        _ => 0,
    };
}
