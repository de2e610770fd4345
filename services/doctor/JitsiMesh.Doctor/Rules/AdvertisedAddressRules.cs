using System.Net;
using JitsiMesh.Doctor.Reports;

namespace JitsiMesh.Doctor.Rules;

/// <summary>Whether clients that reach the page can also reach the bridge's media addresses.</summary>
internal static class AdvertisedAddressRules
{
    public const string Name = "advertised";

    /// <param name="candidates">UDP addresses in the bridge's offer.</param>
    /// <param name="host">The page's host.</param>
    /// <param name="pageAddresses">The addresses that it resolves to; empty when unknown.</param>
    public static CheckResult Judge(IReadOnlyList<IPEndPoint> candidates, string host, IReadOnlyList<IPAddress> pageAddresses)
    {
        if (candidates.Count == 0) return CheckResult.Failed(Name, "the bridge offers no UDP address", "set JVB_ADVERTISE_IPS to the address under which users reach this server");
        var list = string.Join(", ", candidates.Select(c => $"{c} ({AddressKinds.Describe(c.Address)})"));
        var pageKind = pageAddresses.Count == 0 ? AddressKind.Loopback : pageAddresses.Max(AddressKinds.Of);
        var mediaKind = candidates.Max(c => AddressKinds.Of(c.Address));
        var suggestion = pageAddresses.FirstOrDefault(a => AddressKinds.Of(a) == pageKind);
        var advice = $"set JVB_ADVERTISE_IPS to the address under which users reach this server{(suggestion is null ? "" : $", for instance {suggestion}")}";
        if (pageKind == AddressKind.Private && IsOfContainersAlone(candidates, pageAddresses))
        {
            return CheckResult.Failed(Name, $"only addresses that look like a container's are offered ({list}) while {host} is {suggestion}: only this machine gets media", advice);
        }

        if (mediaKind >= pageKind)
        {
            // Two different public addresses may be correct: a bridge on another machine, or a proxy in front of the page.
            var elsewhere = pageKind == AddressKind.Public && !candidates.Any(c => pageAddresses.Contains(c.Address));
            return elsewhere
                ? CheckResult.Warning(Name, $"{list}; none is an address of {host} ({string.Join(", ", pageAddresses)})", "right when bridge and page are on different machines; else correct JVB_ADVERTISE_IPS")
                : CheckResult.Ok(Name, list);
        }

        return (pageKind, mediaKind) switch
        {
            (AddressKind.Public, AddressKind.Loopback) => CheckResult.Failed(Name, $"only loopback is offered ({list}) while {host} is public: no other machine gets media", advice),
            (AddressKind.Public, _) => CheckResult.Failed(Name, $"only private addresses are offered ({list}) while {host} is public: no client outside gets media", advice),
            _ => CheckResult.Failed(Name, $"only loopback is offered ({list}) while {host} is on a network: no other machine gets media", advice),
        };
    }

    /// <summary>Every offered address is a container's or loopback, and the page's is neither a container's, nor loopback, nor one of them.</summary>
    private static bool IsOfContainersAlone(IReadOnlyList<IPEndPoint> candidates, IReadOnlyList<IPAddress> pageAddresses) =>
        candidates.All(c => AddressKinds.LooksLikeContainer(c.Address) || AddressKinds.Of(c.Address) == AddressKind.Loopback)
        && !pageAddresses.Any(a => AddressKinds.LooksLikeContainer(a) || candidates.Any(c => c.Address.Equals(a)));
}
