using System.Net;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>Whether the bridge offers this machine's public address. Useful if the doctor runs beside the bridge.</summary>
internal static class NatRules
{
    public const string Name = "nat";

    /// <param name="echo">The STUN result; null when no server answered.</param>
    /// <param name="candidates">UDP addresses in the bridge's offer.</param>
    public static CheckResult Judge(StunEchoResult? echo, IReadOnlyList<IPEndPoint> candidates)
    {
        if (echo is null) return CheckResult.Skipped(Name, "no server of JVB_STUN_SERVERS answers");
        var offers = candidates.Any(c => c.Address.Equals(echo.Mapped));
        if (echo.Mapped.Equals(echo.Local))
        {
            return offers
                ? CheckResult.Ok(Name, $"there is none: {echo.Server} sees this machine at its own address, {echo.Mapped}, which the bridge offers")
                : CheckResult.Warning(Name, $"{echo.Server} sees this machine at its own address, {echo.Mapped}, which the bridge does not offer", "correct if the bridge is on another machine; in a container set JVB_ADVERTISE_IPS to it");
        }

        if (offers) return CheckResult.Ok(Name, $"this machine is behind NAT: {echo.Server} sees {echo.Local} as {echo.Mapped}, which the bridge offers; JVB_PORT must be forwarded to it");
        var seen = $"this machine is behind NAT: {echo.Server} sees {echo.Local} as {echo.Mapped}, which the bridge does not offer";
        return candidates.Any(c => AddressKinds.Of(c.Address) == AddressKind.Public)
            ? CheckResult.Warning(Name, seen, "correct if the bridge is on another machine or has another public address")
            : CheckResult.Failed(Name, seen + ": no client outside gets media", $"set JVB_ADVERTISE_IPS to {echo.Mapped} (or JVB_DISABLE_STUN=0), and forward JVB_PORT to the bridge");
    }
}
