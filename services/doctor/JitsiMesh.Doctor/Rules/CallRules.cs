using System.Globalization;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>What one participant of the call got of one other.</summary>
internal sealed record Heard(int Person, long AudioPackets, long VideoFrames);

/// <summary>What one participant of the call saw.</summary>
/// <param name="Person">From 1.</param>
/// <param name="Problem">Where it stopped before media; null when media flowed.</param>
/// <param name="ConnectedAfter">From the offer to ICE and DTLS done.</param>
/// <param name="Received">Packets of all.</param>
/// <param name="Lost">Packets that never came.</param>
/// <param name="Others">One for each other participant.</param>
internal sealed record CallOutcome(int Person, string? Problem, TimeSpan ConnectedAfter, long Received, long Lost, IReadOnlyList<Heard> Others);

internal static class CallRules
{
    public const string Name = "call";

    /// <summary>Audio is concealed below this; people notice above.</summary>
    private const double NoticedLoss = 0.02;

    private const double UnusableLoss = 0.15;

    public static IEnumerable<CheckResult> Judge(IReadOnlyList<CallOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            var who = FormattableString.Invariant($"person {outcome.Person}");
            if (outcome.Problem is { } problem)
            {
                yield return CheckResult.Failed(Name, $"{who} {problem}", "look at the log of the media bridge and at the checks above");
                continue;
            }

            var got = string.Join(", ", outcome.Others.Select(o => FormattableString.Invariant($"{o.AudioPackets} audio packets and {o.VideoFrames} frames of person {o.Person}")));
            var loss = outcome.Received + outcome.Lost == 0 ? 1 : (double)outcome.Lost / (outcome.Received + outcome.Lost);
            var seen = string.Create(CultureInfo.InvariantCulture, $"{who} got {got}; lost {outcome.Lost} of {outcome.Received + outcome.Lost} ({loss:P1}); connected in {outcome.ConnectedAfter.TotalMilliseconds:0} ms");
            var missing = outcome.Others.Where(o => o.AudioPackets == 0 || o.VideoFrames == 0).ToList();
            if (missing.Count > 0) yield return CheckResult.Failed(Name, seen, "media connected and does not arrive: look at the log of the media bridge, and whether something drops large UDP packets (MTU)");
            else if (loss >= UnusableLoss) yield return CheckResult.Failed(Name, seen, "the network or the bridge's machine is overloaded");
            else if (loss >= NoticedLoss) yield return CheckResult.Warning(Name, seen, "people will notice: look at the network and the load of the bridge's machine");
            else yield return CheckResult.Ok(Name, seen);
        }
    }
}
