using System.Globalization;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>Whether media can reach each offered address over TCP.</summary>
internal static class TcpReachability
{
    public const string Name = "tcp";

    /// <param name="results">One for each address, with its protocol, tcp or ssltcp; empty where none is offered.</param>
    public static IEnumerable<CheckResult> Judge(IReadOnlyList<(string Protocol, BindingResult Result)> results)
    {
        if (results.Count == 0)
        {
            yield return CheckResult.Skipped(Name, "the bridge accepts no media over TCP (JVB_TCP_HARVESTER_DISABLED=0 enables it)");
            yield break;
        }

        foreach (var (protocol, result) in results)
        {
            var where = $"TCP {result.Address.Port} ({protocol}) at {result.Address.Address}";
            yield return result.Outcome switch
            {
                BindingOutcome.Answered => CheckResult.Ok(Name, string.Create(CultureInfo.InvariantCulture, $"{where} answers in {result.RoundTrip.TotalMilliseconds:0.0} ms")),
                BindingOutcome.Refused => CheckResult.Warning(Name, $"{where} refuses: the port is closed", "publish JVB_TCP_PORT, and forward JVB_TCP_MAPPED_PORT to it"),
                BindingOutcome.NoRoute => CheckResult.Warning(Name, $"{where} cannot be checked: this machine has no route to it"),
                BindingOutcome.Foreign => CheckResult.Warning(Name, $"{where} answers, but not as the bridge of this session", "another server has JVB_TCP_PORT or JVB_TCP_MAPPED_PORT"),
                _ => CheckResult.Warning(Name, $"{where} does not answer", "open JVB_TCP_PORT in the firewall: participants whose network blocks UDP need it"),
            };
        }
    }
}
