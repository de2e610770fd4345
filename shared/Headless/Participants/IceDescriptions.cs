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
        };
    }

    /// <summary>False for what no UDP socket can be pointed at: TCP, names under .local.</summary>
    public static bool TryFromJingle(IceCandidate described, out Candidate candidate)
    {
        ArgumentNullException.ThrowIfNull(described);
        candidate = null!;
        if (!string.Equals(described.Protocol, "udp", StringComparison.OrdinalIgnoreCase) || !TransportAddress.TryParse(described.Address, described.Port, out var address)) return false;
        candidate = new Candidate
        {
            Id = described.Id,
            Foundation = described.Foundation,
            Component = described.Component,
            Priority = described.Priority,
            Address = address,
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
