using System.Globalization;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>Compares this machine's clock with the server's: tokens and certificates depend on them.</summary>
internal static class ClockRules
{
    public const string Name = "clock";

    // A Date header has a resolution of one second, plus the network delay.
    private static readonly TimeSpan Unremarkable = TimeSpan.FromSeconds(5);

    /// <param name="server">The Date header; null without one.</param>
    /// <param name="own">The local time of its arrival.</param>
    public static CheckResult Judge(DateTimeOffset? server, DateTimeOffset own)
    {
        if (server is not { } time) return CheckResult.Warning(Name, "the page's answer has no Date header");
        var difference = (time - own).Duration();
        var seen = string.Create(CultureInfo.InvariantCulture, $"the server's is {difference.TotalSeconds:0} s {(time < own ? "behind" : "ahead of")} this machine's");
        return difference <= Unremarkable ? CheckResult.Ok(Name, "the server's and this machine's agree") : CheckResult.Warning(Name, seen, "run NTP on both: logins with tokens fail when clocks differ");
    }
}
