using System.Globalization;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>The media that one participant of the call received from another.</summary>
internal sealed record ReceivedMedia(int Person, long AudioPackets, long VideoFrames);

/// <summary>The results of one participant of the call.</summary>
/// <param name="Person">From 1.</param>
/// <param name="Problem">The step before media that failed; null when media flowed.</param>
/// <param name="ConnectedAfter">From the offer to ICE and DTLS done.</param>
/// <param name="Received">Received packets in total.</param>
/// <param name="Lost">Lost packets.</param>
/// <param name="Others">One for each other participant.</param>
internal sealed record CallOutcome(int Person, string? Problem, TimeSpan ConnectedAfter, long Received, long Lost, IReadOnlyList<ReceivedMedia> Others);

internal static class CallRules
{
    public const string Name = "call";

    /// <summary>Below this loss rate audio is concealed; above it users notice.</summary>
    private const double NoticedLoss = 0.02;

    private const double UnusableLoss = 0.15;

    public static IEnumerable<CheckResult> Judge(IReadOnlyList<CallOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            var participant = FormattableString.Invariant($"participant {outcome.Person}");
            if (outcome.Problem is { } problem)
            {
                yield return CheckResult.Failed(Name, $"{participant} {problem}", "check the log of the media bridge and the checks above");
                continue;
            }

            var got = string.Join(", ", outcome.Others.Select(o => FormattableString.Invariant($"{o.AudioPackets} audio packets and {o.VideoFrames} frames of participant {o.Person}")));
            var loss = outcome.Received + outcome.Lost == 0 ? 1 : (double)outcome.Lost / (outcome.Received + outcome.Lost);
            var seen = string.Create(CultureInfo.InvariantCulture, $"{participant} got {got}; lost {outcome.Lost} of {outcome.Received + outcome.Lost} ({loss:P1}); connected in {outcome.ConnectedAfter.TotalMilliseconds:0} ms");
            var missing = outcome.Others.Where(o => o.AudioPackets == 0 || o.VideoFrames == 0).ToList();
            if (missing.Count > 0) yield return CheckResult.Failed(Name, seen, "the connection is up, but media does not arrive: check the log of the media bridge, and whether large UDP packets are dropped (MTU)");
            else if (loss >= UnusableLoss) yield return CheckResult.Failed(Name, seen, "the network or the bridge's machine is overloaded");
            else if (loss >= NoticedLoss) yield return CheckResult.Warning(Name, seen, "users will notice: check the network and the load of the bridge's machine");
            else yield return CheckResult.Ok(Name, seen);
        }
    }
}
