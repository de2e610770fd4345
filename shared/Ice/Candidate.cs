using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>RFC 8445 section 4: candidate types.</summary>
public enum CandidateType
{
    Host,
    ServerReflexive,
    PeerReflexive,
    Relayed,
}

/// <summary>A transport address that one side may be reached at (RFC 8445 section 5.3), with the attributes of XEP-0176.</summary>
public sealed record Candidate
{
    /// <summary>Unique within the description (XEP-0176); it means nothing to ICE.</summary>
    public string Id { get; init; } = "";

    /// <summary>Equal for candidates of one type, base address and protocol (section 5.1.1.3).</summary>
    public required string Foundation { get; init; }

    /// <summary>Always 1 here: RTP and RTCP share it.</summary>
    public int Component { get; init; } = 1;

    public string Protocol { get; init; } = "udp";

    public required uint Priority { get; init; }

    public required TransportAddress Address { get; init; }

    public required CandidateType Type { get; init; }

    /// <summary>The base of a reflexive candidate; null for a host candidate, or when its owner hides it.</summary>
    public TransportAddress? RelatedAddress { get; init; }

    public int Generation { get; init; }

    public int Network { get; init; }

    /// <summary>For a local candidate: the address of our socket that its checks leave from.</summary>
    public TransportAddress Base => Type is CandidateType.Host or CandidateType.Relayed ? Address : RelatedAddress ?? Address;

    /// <param name="address">The address of a socket of ours.</param>
    /// <param name="localPreference">0 to 65535, higher is better; distinct for each local address (section 5.1.2.1).</param>
    public static Candidate CreateHost(TransportAddress address, ushort localPreference = ushort.MaxValue) => new()
    {
        Type = CandidateType.Host,
        Address = address,
        Foundation = CandidatePriority.Foundation(CandidateType.Host, address),
        Priority = CandidatePriority.Compute(CandidateType.Host, localPreference),
        Id = $"host-{CandidatePriority.Foundation(CandidateType.Host, address)}-{address.Port}",
    };

    /// <param name="mapped">The address that the world sees.</param>
    /// <param name="baseAddress">The address of the socket behind it.</param>
    /// <param name="localPreference">As for the host candidate of the base.</param>
    public static Candidate CreateServerReflexive(TransportAddress mapped, TransportAddress baseAddress, ushort localPreference = ushort.MaxValue) => new()
    {
        Type = CandidateType.ServerReflexive,
        Address = mapped,
        RelatedAddress = baseAddress,
        Foundation = CandidatePriority.Foundation(CandidateType.ServerReflexive, baseAddress),
        Priority = CandidatePriority.Compute(CandidateType.ServerReflexive, localPreference),
        Id = $"srflx-{CandidatePriority.Foundation(CandidateType.ServerReflexive, mapped)}-{mapped.Port}",
    };
}
