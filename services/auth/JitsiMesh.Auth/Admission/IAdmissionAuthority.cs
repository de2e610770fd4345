using JitsiMesh.Contracts.Auth;

namespace JitsiMesh.Auth.Admission;

/// <summary>One way of letting people in: guests today. Accounts, tokens and directories become further authorities.</summary>
public interface IAdmissionAuthority
{
    /// <summary>The SASL mechanisms that it offers on a host, in order of preference; none where it plays no part.</summary>
    IReadOnlyList<string> Mechanisms(string host);

    /// <summary>Asked only for a host and mechanism that it offers.</summary>
    ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation);
}
