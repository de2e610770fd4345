using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Guests;

/// <summary>Lets everybody in without a name on the main domain: what Jitsi does while ENABLE_AUTH is off.</summary>
internal sealed class GuestAuthority(MeshSettings settings) : IAdmissionAuthority
{
    private static readonly string[] Anonymous = ["ANONYMOUS"];

    public IReadOnlyList<string> Mechanisms(string host) => string.Equals(host, settings.XmppDomain, StringComparison.OrdinalIgnoreCase) ? Anonymous : [];

    /// <summary>The empty username lets signalling choose one that nobody has.</summary>
    public ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation) => ValueTask.FromResult(new AdmitResponse { Admitted = true });
}
