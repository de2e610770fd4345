using JitsiMesh.Contracts.Auth;

namespace JitsiMesh.Auth.Admission;

/// <summary>One way to authenticate clients: guests, accounts, tokens, a directory.</summary>
public interface IAdmissionAuthority
{
    /// <summary>The SASL mechanisms that it offers on a host, in order of preference; none for a host that it does not serve.</summary>
    IReadOnlyList<string> Mechanisms(string host);

    /// <summary>Called only for a host and mechanism that it offers.</summary>
    ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation);
}
