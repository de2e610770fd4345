using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

internal enum RelayOutcome
{
    /// <summary>The bridge answered through the relay.</summary>
    Answered,

    /// <summary>No TCP, no TLS, or a server that does not speak TURN.</summary>
    NoConnection,

    /// <summary>No allocation; the detail is the error code.</summary>
    Refused,

    /// <summary>The relay refuses the bridge as a peer; the detail is the error code.</summary>
    BridgeRefused,

    /// <summary>No answer in time.</summary>
    Silent,
}

/// <param name="Relay">As announced to clients.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Detail">Details of a failure.</param>
internal sealed record RelayResult(string Relay, RelayOutcome Outcome, string Detail);

/// <summary>Whether clients whose network blocks UDP can take part.</summary>
internal static class RelayRules
{
    public const string Name = "turn";

    /// <param name="results">One for each server that clients get.</param>
    /// <param name="isAnswered">Whether the request for servers was answered.</param>
    public static IEnumerable<CheckResult> Judge(IReadOnlyList<RelayResult> results, bool isAnswered)
    {
        if (!isAnswered) return [CheckResult.Failed(Name, "no answer to the request for TURN servers", "check the log of signalling")];
        if (results.Count == 0)
        {
            return [CheckResult.Warning(Name, "clients get no TURN server: participants whose network blocks UDP cannot take part",
                "set PUBLIC_URL (and MESH_TURN_SECRET in a cluster) for the relay of the edge, or TURNS_HOST for another")];
        }

        return results.Select(Judge);
    }

    private static CheckResult Judge(RelayResult result) => result.Outcome switch
    {
        RelayOutcome.Answered => CheckResult.Ok(Name, $"{result.Relay} leads to the bridge"),
        RelayOutcome.NoConnection => CheckResult.Failed(Name, $"{result.Relay}: {result.Detail}", "a proxy in front of the edge must forward connections that are not HTTP (by TLS passthrough); MESH_TURN=0 where it cannot"),
        RelayOutcome.Refused when result.Detail is "401" or "438" => CheckResult.Failed(Name, $"{result.Relay} does not accept the credentials", "MESH_TURN_SECRET must be the same in signalling and edge-proxy (TURN_CREDENTIALS that of another server), and the clocks must agree"),
        RelayOutcome.Refused => CheckResult.Failed(Name, $"{result.Relay} makes no allocation (error {result.Detail})", "508: no bridge has reported itself to the edge, or no port is free; 486: this address has too many allocations"),
        RelayOutcome.BridgeRefused => CheckResult.Failed(Name, $"{result.Relay} refuses the bridge as a peer (error {result.Detail})", "403 from the edge: the bridge has not reported this address to it; from another server: its configuration denies the peer"),
        _ => CheckResult.Failed(Name, $"{result.Relay}: no answer of the bridge in time", "the relay must reach the bridge's UDP port (JVB_PORT), and clients the relay's"),
    };
}
