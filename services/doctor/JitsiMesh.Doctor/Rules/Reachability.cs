using System.Globalization;
using System.Net;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

internal enum BindingOutcome
{
    /// <summary>An answer with the session's credentials.</summary>
    Answered,

    /// <summary>A STUN answer that is not from this bridge: an error, or wrong credentials.</summary>
    Foreign,

    /// <summary>The machine is reachable, but the port is closed.</summary>
    Refused,

    Silent,

    /// <summary>This machine has no route to it.</summary>
    NoRoute,
}

/// <summary>The result of a STUN binding to one advertised address.</summary>
/// <param name="Address">The address.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="RoundTrip">The round trip of the answered request.</param>
/// <param name="Local">The local address of the route; null without a route.</param>
/// <param name="Mapped">The doctor's address as the bridge sees it.</param>
internal sealed record BindingResult(IPEndPoint Address, BindingOutcome Outcome, TimeSpan RoundTrip, IPAddress? Local, IPEndPoint? Mapped);

/// <summary>Whether media can reach each advertised address.</summary>
internal static class Reachability
{
    public const string Name = "udp";

    /// <param name="results">One for each address.</param>
    /// <param name="waited">The timeout for each.</param>
    public static IEnumerable<CheckResult> Judge(IReadOnlyList<BindingResult> results, TimeSpan waited)
    {
        var any = results.Any(r => r.Outcome == BindingOutcome.Answered);
        foreach (var result in results)
        {
            var where = $"UDP {result.Address.Port} at {result.Address.Address}";
            var (seen, advice) = result.Outcome switch
            {
                BindingOutcome.Answered => (
                    string.Create(CultureInfo.InvariantCulture, $"{where} answers in {result.RoundTrip.TotalMilliseconds:0.0} ms{(result.Mapped is null ? "" : $", sees this machine as {result.Mapped}")}"),
                    (string?)null),
                BindingOutcome.Foreign => ($"{where} answers, but not as the bridge of this session", "JVB_ADVERTISE_IPS or JVB_PORT leads to another server"),
                BindingOutcome.Refused => ($"{where} refuses: the port is closed", "set JVB_ADVERTISE_IPS to the bridge's address, or forward JVB_PORT to it"),
                BindingOutcome.NoRoute => ($"{where} cannot be checked: this machine has no route to it", "set JVB_ADVERTISE_IPS if clients have no route either"),
                _ => (
                    string.Create(CultureInfo.InvariantCulture, $"{where} does not answer within {waited.TotalSeconds:0.#} s"),
                    (AddressKinds.Of(result.Address.Address) == AddressKind.Public
                        ? "open the port in the firewall, or set JVB_ADVERTISE_IPS (a router without hairpinning gives the same result from inside: then run the doctor from outside)"
                        : "open the port in the firewall, or set JVB_ADVERTISE_IPS")),
            };
            if (result.Outcome == BindingOutcome.Answered)
            {
                yield return CheckResult.Ok(Name, seen);
                continue;
            }

            // An address of another network is harmless beside a working one, since clients try all. An address that some client needs is not.
            var harmless = any && (result.Outcome == BindingOutcome.NoRoute || AddressKinds.Of(result.Address.Address) != AddressKind.Public);
            yield return harmless ? CheckResult.Warning(Name, seen, advice) : CheckResult.Failed(Name, seen, advice);
        }
    }
}
