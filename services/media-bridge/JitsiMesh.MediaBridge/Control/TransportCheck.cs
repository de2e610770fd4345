using JitsiMesh.Contracts.Bridge;
using JitsiMesh.Ice;
using Candidate = JitsiMesh.Contracts.Bridge.Candidate;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Reads a client's transport; says what is wrong with it.</summary>
internal static class TransportCheck
{
    public static string? Find(Transport transport)
    {
        var hasUfrag = transport.Ufrag.Length > 0;
        if (hasUfrag != transport.Password.Length > 0) return "a ufrag comes with a password";
        if (hasUfrag && (!IceCredentials.IsUfrag(transport.Ufrag) || !IceCredentials.IsPassword(transport.Password))) return "a ufrag or a password is none (RFC 8839 section 5.4)";
        if (transport.IceGeneration < 0) return "an ICE generation is negative";
        if (transport.Fingerprints.Count > RequestLimits.Fingerprints) return "too many fingerprints";
        if (transport.Candidates.Count > RequestLimits.Candidates) return "too many candidates";
        foreach (var fingerprint in transport.Fingerprints)
        {
            if (!new Dtls.Fingerprint(fingerprint.Hash, fingerprint.Value).IsWellFormed) return "a fingerprint is none (RFC 8122 section 5)";
            if (fingerprint.Setup is not ("" or "active" or "passive" or "actpass")) return "a fingerprint's setup is none (RFC 4145 section 4)";
        }

        foreach (var candidate in transport.Candidates)
        {
            if (!IsCandidate(candidate)) return "a candidate is none (XEP-0176)";
        }

        return null;
    }

    private static bool IsCandidate(Candidate candidate) =>
        RequestCheck.IsText(candidate.Id, RequestLimits.TextLength)
        && RequestCheck.IsText(candidate.Foundation, RequestLimits.TextLength)
        && RequestCheck.IsText(candidate.Protocol, RequestLimits.TextLength)
        && RequestCheck.IsText(candidate.Address, RequestLimits.TextLength)
        && RequestCheck.IsText(candidate.RelatedAddress, RequestLimits.TextLength)
        && RequestCheck.IsText(candidate.Type, RequestLimits.TextLength)
        && candidate is { Component: >= 0 and <= 256, Port: >= 0 and <= 65535, RelatedPort: >= 0 and <= 65535, Generation: >= 0, Network: >= 0 };
}
