using JitsiMesh.Auth.Admission;
using JitsiMesh.Contracts.Auth;
using JitsiMesh.Hosting.Settings;

namespace JitsiMesh.Auth.Guests;

/// <summary>Admits every client on one host without a name.</summary>
internal sealed class GuestAuthority(string host) : IAdmissionAuthority
{
    private static readonly string[] Anonymous = ["ANONYMOUS"];

    /// <summary>The main domain while no login is required; the guest domain where guests are allowed beside users with a login; otherwise none.</summary>
    public static IEnumerable<string> HostsOf(MeshSettings settings)
    {
        if (!settings.Get(KnownSettings.EnableAuth)) yield return settings.XmppDomain;
        else if (settings.Get(KnownSettings.EnableGuests)) yield return settings.XmppGuestDomain;
    }

    public IReadOnlyList<string> Mechanisms(string of) => string.Equals(of, host, StringComparison.OrdinalIgnoreCase) ? Anonymous : [];

    public ValueTask<AdmitResponse> AdmitAsync(AdmitRequest request, CancellationToken cancellation) => ValueTask.FromResult(AdmissionAnswers.Guest);
}
