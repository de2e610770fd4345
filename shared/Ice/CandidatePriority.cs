using System.Globalization;
using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The formulas of RFC 8445 sections 5.1.2.1, 5.1.1.3 and 6.1.2.3; TCP ranks below UDP, as RFC 6544 section 4.2 recommends.</summary>
public static class CandidatePriority
{
    private const int ActiveDirection = 6;
    private const int PassiveDirection = 4;

    /// <summary>2^24 * type preference + 2^8 * local preference + (256 - component), with the recommended type preferences.</summary>
    public static uint Compute(CandidateType type, ushort localPreference, int component = 1) =>
        (TypePreference(type) << 24) | ((uint)localPreference << 8) | (uint)(256 - component);

    /// <summary>As <see cref="Compute"/> for a TCP candidate, whose local preference is 2^13 * direction preference + the rest (RFC 6544 section 4.2).</summary>
    /// <param name="type">Its type; a TCP candidate ranks below every UDP candidate except relayed ones.</param>
    /// <param name="otherPreference">0 to 8191, distinct for each local address and direction.</param>
    /// <param name="isActive">True for the side that connects, false for the side that listens.</param>
    public static uint ComputeTcp(CandidateType type, ushort otherPreference, bool isActive) =>
        (TcpTypePreference(type) << 24) | ((uint)(((isActive ? ActiveDirection : PassiveDirection) << 13) + Math.Min(otherPreference, (ushort)8191)) << 8) | 255u;

    /// <summary>The priority of the same base as a candidate of another type: what a check's PRIORITY attribute carries (section 7.1.1).</summary>
    public static uint WithType(uint priority, CandidateType type, bool isTcp = false) =>
        ((isTcp ? TcpTypePreference(type) : TypePreference(type)) << 24) | (priority & 0x00FF_FFFF);

    /// <summary>2^32 * min(G,D) + 2 * max(G,D) + (G > D ? 1 : 0), G being the controlling side's candidate.</summary>
    public static ulong OfPair(uint controlling, uint controlled) =>
        ((ulong)Math.Min(controlling, controlled) << 32) + (2UL * Math.Max(controlling, controlled)) + (controlling > controlled ? 1UL : 0UL);

    /// <summary>Up to ten digits that are equal for the same type, protocol and base IP address (FNV-1a; a collision only delays a check).</summary>
    public static string Foundation(CandidateType type, TransportAddress baseAddress, string? protocol = null)
    {
        Span<byte> bytes = stackalloc byte[17];
        bytes[0] = (byte)((int)type | (baseAddress.IsTcp ? 0x10 : 0) | (protocol is "ssltcp" ? 0x20 : 0));
        var length = 1 + baseAddress.WriteAddress(bytes[1..]);
        var hash = 2166136261u;
        foreach (var value in bytes[..length]) hash = (hash ^ value) * 16777619u;
        return hash.ToString(CultureInfo.InvariantCulture);
    }

    private static uint TcpTypePreference(CandidateType type) => type switch
    {
        CandidateType.Host => 90,
        CandidateType.PeerReflexive => 85,
        CandidateType.ServerReflexive => 80,
        _ => 0,
    };

    private static uint TypePreference(CandidateType type) => type switch
    {
        CandidateType.Host => 126,
        CandidateType.PeerReflexive => 110,
        CandidateType.ServerReflexive => 100,
        _ => 0,
    };
}
