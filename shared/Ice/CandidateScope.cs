using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>The scope of an address.</summary>
public enum AddressScope
{
    Global,

    /// <summary>Only the machine itself: 127.0.0.0/8, ::1.</summary>
    Loopback,

    /// <summary>One link: 169.254.0.0/16, fe80::/10.</summary>
    Link,

    /// <summary>No host: unspecified, multicast, broadcast and reserved addresses.</summary>
    None,
}

/// <summary>
/// Decides which signalled addresses are checked. A remote may signal any address, and each gets checks from this agent: none is sent to an address where no client can be.
/// </summary>
public static class CandidateScope
{
    public static AddressScope Of(in TransportAddress address)
    {
        if (address.IsIPv4) return OfIPv4(address.IPv4);
        if (address is { High: 0, Low: 1 }) return AddressScope.Loopback;

        // No host uses ::/96 (the unspecified address and the deprecated IPv4-compatible ones, RFC 4291 section 2.5.5.1).
        if (address.High == 0 && address.Low >> 32 == 0) return AddressScope.None;
        if (address.High >> 56 == 0xFF) return AddressScope.None;
        return address.High >> 54 == 0x3FA ? AddressScope.Link : AddressScope.Global;
    }

    /// <summary>Whether a signalled address is checked: it is a host address with a port, a local socket has the same scope, and it is not that socket.</summary>
    public static bool MayCheck(in TransportAddress remote, IReadOnlyList<Candidate> locals)
    {
        if (remote.Port == 0) return false;
        var scope = Of(remote);
        if (scope == AddressScope.None) return false;
        var shared = scope == AddressScope.Global;
        foreach (var local in locals)
        {
            if (local.Address == remote || local.Base == remote) return false;

            // A socket on the wildcard address covers every scope.
            var own = Of(local.Base);
            shared |= own == scope || own == AddressScope.None;
        }

        return shared;
    }

    private static AddressScope OfIPv4(uint ip) => (ip >> 24) switch
    {
        0 => AddressScope.None,
        127 => AddressScope.Loopback,
        169 when ip >> 16 == 0xA9FE => AddressScope.Link,
        >= 224 => AddressScope.None,
        _ => AddressScope.Global,
    };
}
