using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>Lets everybody in with what the script says next; on the guest domain as a guest.</summary>
public sealed class ContextAdmission : IAdmission
{
    /// <summary>With what the next sessions of the main domain are let in.</summary>
    public SessionContext Next { get; set; } = SessionContext.Empty;

    /// <summary>The local part of the next sessions; empty for a name of their own.</summary>
    public string Username { get; set; } = "";

    /// <summary>The hosts that take sessions.</summary>
    public HashSet<string> Hosts { get; } = ["meet.jitsi", "guest.meet.jitsi", "hidden.meet.jitsi", "auth.meet.jitsi"];

    public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(Hosts.Contains(host) ? ["ANONYMOUS"] : []);

    public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) => ValueTask.FromResult<AdmissionResult>(
        request.Host == "guest.meet.jitsi" ? new AdmissionResult.Admitted("", SessionContext.Empty) : new AdmissionResult.Admitted(Username, Next));
}
