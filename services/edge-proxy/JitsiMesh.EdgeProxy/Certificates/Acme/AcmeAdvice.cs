using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Orders;

namespace JitsiMesh.EdgeProxy.Certificates.Acme;

/// <summary>The operator's remedy for a failure: the likely cause, with the setting's name.</summary>
internal static class AcmeAdvice
{
    /// <returns>The end of a sentence; empty where no advice is known.</returns>
    public static string For(AcmeFailure failure) => failure.Reason switch
    {
        AcmeReason.ChallengeFailed => ForChallenge(failure),
        AcmeReason.RateLimited => "the authority's limit for these names or this address is used up; keep CONFIG, and try with LETSENCRYPT_USE_STAGING=1",
        AcmeReason.BindingNeeded => "set MESH_ACME_EAB_KID and MESH_ACME_EAB_HMAC_KEY to what the authority's site shows, or choose another LETSENCRYPT_ACME_SERVER",
        AcmeReason.Unreachable => "this server must reach the authority by HTTPS: check DNS and the firewall for outgoing connections (LETSENCRYPT_ACME_SERVER, MESH_ACME_CA_FILE)",
        AcmeReason.NoChallenge => "the authority offers no challenge that MESH_ACME_CHALLENGE allows",
        AcmeReason.Refused => failure.ProblemType switch
        {
            "rejectedIdentifier" => "the authority issues no certificate for such a name: correct LETSENCRYPT_DOMAIN",
            "invalidContact" or "unsupportedContact" => "correct LETSENCRYPT_EMAIL",
            "caa" => "the name's CAA record in DNS names other authorities",
            "externalAccountRequired" => "set MESH_ACME_EAB_KID and MESH_ACME_EAB_HMAC_KEY",
            _ => "",
        },
        _ => "",
    };

    private static string ForChallenge(AcmeFailure failure)
    {
        var name = failure.Name ?? "the name";
        return failure.ProblemType switch
        {
            "dns" => $"{name} does not resolve in DNS, or resolves differently for the authority",
            "caa" => $"the CAA record of {name} names other authorities",
            "connection" or "tls" or "timeout" when failure.Challenge == ChallengeKind.TlsAlpn01 => $"port 443 of {name} must lead to HTTPS_PORT of this server from everywhere, with no proxy in between that terminates TLS",
            "connection" or "timeout" => $"port 80 of {name} must lead to HTTP_PORT of this server from everywhere: check the firewall, HTTP_PORT and the address in DNS",
            "unauthorized" or "incorrectResponse" => $"another server answers at {name}: its address in DNS (IPv6 too) leads elsewhere, or a proxy in front answers /.well-known/acme-challenge/ itself",
            _ => $"{name} must lead to this server from everywhere, port 80 to HTTP_PORT",
        };
    }
}
