using JitsiMesh.Ice;
using JitsiMesh.Jingle;
using JitsiMesh.Primitives;

namespace JitsiMesh.Headless.Participants;

/// <summary>Candidates between their two forms.</summary>
public static class IceDescriptions
{
    public static IceCandidate ToJingle(Candidate candidate)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return new IceCandidate
        {
            Id = candidate.Id,
            Foundation = candidate.Foundation,
            Component = candidate.Component,
            Protocol = candidate.Protocol,
            Priority = candidate.Priority,
            Address = candidate.Address.ToIPAddress().ToString(),
            Port = candidate.Address.Port,
            Type = candidate.Type switch
            {
                CandidateType.ServerReflexive => "srflx",
                CandidateType.PeerReflexive => "prflx",
                CandidateType.Relayed => "relay",
                _ => "host",
            },
            Generation = candidate.Generation,
            Network = candidate.Network,
            TcpType = candidate.TcpType,
        };
    }

    /// <summary>False for candidates that cannot be connected to: names under .local, TCP that is not passive.</summary>
    public static bool TryFromJingle(IceCandidate described, out Candidate candidate)
    {
        ArgumentNullException.ThrowIfNull(described);
        candidate = null!;
        var protocol = described.Protocol.ToLowerInvariant();
        if (protocol is not "udp" && (protocol is not ("tcp" or "ssltcp") || described.TcpType is not "passive")) return false;
        if (!TransportAddress.TryParse(described.Address, described.Port, out var address)) return false;
        candidate = new Candidate
        {
            Id = described.Id,
            Foundation = described.Foundation,
            Component = described.Component,
            Priority = described.Priority,
            Protocol = protocol,
            TcpType = described.TcpType,
            Address = address with { IsTcp = protocol is not "udp" },
            Type = described.Type switch
            {
                "srflx" => CandidateType.ServerReflexive,
                "prflx" => CandidateType.PeerReflexive,
                "relay" => CandidateType.Relayed,
                _ => CandidateType.Host,
            },
            Generation = described.Generation,
            Network = described.Network,
        };
        return true;
    }
}
