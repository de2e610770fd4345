using JitsiMesh.Primitives;

namespace JitsiMesh.Ice;

/// <summary>How far an address reaches.</summary>
public enum AddressScope
{
    Global,

    /// <summary>The machine itself: 127.0.0.0/8, ::1.</summary>
    Loopback,

    /// <summary>One link: 169.254.0.0/16, fe80::/10.</summary>
    Link,

    /// <summary>No host: unspecified, multicast, broadcast and what is reserved with it.</summary>
    None,
}

/// <summary>
/// Which addresses a remote may name. It may name any, and what it names gets our checks: so none goes where no client of this agent can be.
/// </summary>
public static class CandidateScope
{
    public static AddressScope Of(in TransportAddress address)
    {
        if (address.IsIPv4) return OfIPv4(address.IPv4);
        if (address is { High: 0, Low: 1 }) return AddressScope.Loopback;

        // ::/96 (the unspecified address and IPv4-compatible ones, RFC 4291 section 2.5.5.1) is no host's any more.
        if (address.High == 0 && address.Low >> 32 == 0) return AddressScope.None;
        if (address.High >> 56 == 0xFF) return AddressScope.None;
        return address.High >> 54 == 0x3FA ? AddressScope.Link : AddressScope.Global;
    }

    /// <summary>Whether a told address gets checks: there is a host and a port behind it, a socket of ours shares its scope, and it is not that socket.</summary>
    public static bool MayCheck(in TransportAddress remote, IReadOnlyList<Candidate> locals)
    {
        if (remote.Port == 0) return false;
        var scope = Of(remote);
        if (scope == AddressScope.None) return false;
        var shared = scope == AddressScope.Global;
        foreach (var local in locals)
        {
            if (local.Address == remote || local.Base == remote) return false;

            // A socket on the wildcard address has every scope.
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
