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

/// <summary>A candidate transport address of one side (RFC 8445 section 5.3), with the attributes of XEP-0176.</summary>
public sealed record Candidate
{
    /// <summary>Unique within the description (XEP-0176); ICE does not use it.</summary>
    public string Id { get; init; } = "";

    /// <summary>Equal for candidates of one type, base address and protocol (section 5.1.1.3).</summary>
    public required string Foundation { get; init; }

    /// <summary>Always 1 here: RTP and RTCP share it.</summary>
    public int Component { get; init; } = 1;

    /// <summary>udp, tcp, or Jitsi's ssltcp: TCP after a simulated TLS handshake (<see cref="Tcp.SslTcpHandshake"/>).</summary>
    public string Protocol { get; init; } = "udp";

    /// <summary>active, passive or so (RFC 6544 section 4.5); null for UDP.</summary>
    public string? TcpType { get; init; }

    public required uint Priority { get; init; }

    public required TransportAddress Address { get; init; }

    public required CandidateType Type { get; init; }

    /// <summary>The base of a reflexive candidate; null for a host candidate, or when its owner does not disclose it.</summary>
    public TransportAddress? RelatedAddress { get; init; }

    public int Generation { get; init; }

    public int Network { get; init; }

    /// <summary>For a local candidate: the address of the local socket that its checks are sent from.</summary>
    public TransportAddress Base => Type is CandidateType.Host or CandidateType.Relayed ? Address : RelatedAddress ?? Address;

    /// <param name="address">The address of a local socket.</param>
    /// <param name="localPreference">0 to 65535, higher is better; distinct for each local address (section 5.1.2.1).</param>
    public static Candidate CreateHost(TransportAddress address, ushort localPreference = ushort.MaxValue) => new()
    {
        Type = CandidateType.Host,
        Address = address,
        Foundation = CandidatePriority.Foundation(CandidateType.Host, address),
        Priority = CandidatePriority.Compute(CandidateType.Host, localPreference),
        Id = $"host-{CandidatePriority.Foundation(CandidateType.Host, address)}-{address.Port}",
    };

    /// <summary>A passive TCP candidate (RFC 6544): host, or server reflexive if its address differs from the socket's.</summary>
    /// <param name="address">The address that the remote connects to.</param>
    /// <param name="listening">The address of the listening socket.</param>
    /// <param name="otherPreference">0 to 8191, distinct for each.</param>
    /// <param name="protocol">tcp or ssltcp.</param>
    public static Candidate CreateTcpPassive(TransportAddress address, TransportAddress listening, ushort otherPreference, string protocol = "tcp")
    {
        var type = address == listening ? CandidateType.Host : CandidateType.ServerReflexive;
        var foundation = CandidatePriority.Foundation(type, type == CandidateType.Host ? listening : address, protocol);
        return new Candidate
        {
            Type = type,
            Protocol = protocol,
            TcpType = "passive",
            Address = address,
            RelatedAddress = type == CandidateType.Host ? null : listening,
            Foundation = foundation,
            Priority = CandidatePriority.ComputeTcp(type, otherPreference, isActive: false),
            Id = $"{protocol}-{foundation}-{address.Port}",
        };
    }

    /// <summary>The local side of an outgoing connection (RFC 6544's active side).</summary>
    public static Candidate CreateTcpActive(TransportAddress local) => new()
    {
        Type = CandidateType.Host,
        Protocol = "tcp",
        TcpType = "active",
        Address = local,
        Foundation = CandidatePriority.Foundation(CandidateType.Host, local),
        Priority = CandidatePriority.ComputeTcp(CandidateType.Host, 0, isActive: true),
        Id = $"tcp-{CandidatePriority.Foundation(CandidateType.Host, local)}-{local.Port}",
    };

    /// <param name="mapped">The address on the outside of the NAT.</param>
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

    /// <summary>The remote address of a check that matches no signalled candidate (RFC 8445 section 7.3.1.3).</summary>
    internal static Candidate CreatePeerReflexive(TransportAddress remote, uint priority) => new()
    {
        Type = CandidateType.PeerReflexive,
        Address = remote,
        Protocol = remote.IsTcp ? "tcp" : "udp",
        Priority = priority,
        Foundation = "prflx" + CandidatePriority.Foundation(CandidateType.PeerReflexive, remote),
    };
}
