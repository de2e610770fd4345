using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;

namespace JitsiMesh.Signalling.Http;

/// <summary>
/// Whether a request over HTTP is let in, and on which domain. A request has no SASL exchange, so auth is asked as for a session with the token in its URL. A request
/// without a token is a guest's: on the main domain while no login is needed there, otherwise on the guest domain. A guest never gets an address of the main domain while logins
/// are on, since such an address counts as logged in.
/// </summary>
internal static class RequestAdmission
{
    private const string Mechanism = "ANONYMOUS";

    /// <param name="admission">Who decides.</param>
    /// <param name="domains">The main and the guest domain.</param>
    /// <param name="request">Token, room and the like; its host and mechanism are filled in here.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The domain of the request's address, and the decision.</returns>
    public static async ValueTask<(string Host, AdmissionResult Result)> AdmitAsync(IAdmission admission, SignallingDomains domains, AdmissionRequest request, CancellationToken cancellation)
    {
        var main = await admission.AdmitAsync(request with { Host = domains.Domain, Mechanism = Mechanism }, cancellation);
        if (main is not AdmissionResult.Refused refused || refused.Condition == "temporary-auth-failure") return (domains.Domain, main);
        if (request.Token.Length > 0 && refused.Condition != "invalid-mechanism") return (domains.Domain, main);
        var guest = await admission.AdmitAsync(request with { Host = domains.GuestDomain, Mechanism = Mechanism }, cancellation);

        // Where guests have no domain, what the main domain said is the answer.
        return guest is AdmissionResult.Refused { Condition: "invalid-mechanism" } ? (domains.Domain, main) : (domains.GuestDomain, guest);
    }
}
