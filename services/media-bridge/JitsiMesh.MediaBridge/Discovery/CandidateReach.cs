using System.Net;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Discovery;

/// <summary>From where an address that is offered can be reached, as far as the address tells. What a firewall in between does is another matter.</summary>
internal enum AddressReach
{
    /// <summary>No address.</summary>
    Nowhere,

    /// <summary>A loopback address.</summary>
    ThisMachine,

    /// <summary>One like those of Docker's networks (172.16.0.0/12): most likely this machine alone.</summary>
    ContainerNetwork,

    /// <summary>A private one (RFC 1918, RFC 6598, link-local, unique local): its own network, or what is behind the same NAT.</summary>
    OwnNetwork,

    /// <summary>A public one.</summary>
    Anywhere,
}

internal static class AddressReaches
{
    public static AddressReach Of(in TransportAddress address)
    {
        if (IPAddress.IsLoopback(address.ToIPAddress())) return AddressReach.ThisMachine;
        if (address.IsIPv4 && (address.IPv4 >> 20) == 0xAC1) return AddressReach.ContainerNetwork;
        var carrierGrade = address.IsIPv4 && (address.IPv4 >> 22) == 0x191; // 100.64.0.0/10
        return carrierGrade || IsPrivate(address) ? AddressReach.OwnNetwork : AddressReach.Anywhere;
    }

    /// <summary>RFC 1918, loopback, link-local, unique local.</summary>
    public static bool IsPrivate(in TransportAddress address)
    {
        if (!address.IsIPv4) return (address.High >> 57) == 0x7E || (address.High >> 54) == 0x3FA || address is { High: 0, Low: 1 };
        var ip = address.IPv4;
        return (ip >> 24) == 10 || (ip >> 20) == 0xAC1 || (ip >> 16) == 0xC0A8 || (ip >> 24) == 127 || (ip >> 16) == 0xA9FE;
    }

    /// <summary>Of one address, in brackets behind it.</summary>
    public static string DescribeOne(this AddressReach reach) => reach switch
    {
        AddressReach.Anywhere => "public",
        AddressReach.OwnNetwork => "private: its own network alone",
        AddressReach.ContainerNetwork => "a container network's: most likely this machine alone",
        _ => "loopback: this machine alone",
    };

    /// <summary>Of all addresses: what the best of them means, and what to do.</summary>
    public static string Describe(this AddressReach reach) => reach switch
    {
        AddressReach.Anywhere => "reachable from anywhere that no firewall keeps out",
        AddressReach.OwnNetwork => "reachable from its own network alone; set JVB_ADVERTISE_IPS for clients elsewhere",
        AddressReach.ContainerNetwork => "most likely reachable from this machine alone, since only a container network's addresses are offered; set JVB_ADVERTISE_IPS to this machine's address",
        AddressReach.ThisMachine => "reachable from this machine alone; set JVB_ADVERTISE_IPS for clients elsewhere",
        _ => "reachable from nowhere, since no address is offered; set JVB_ADVERTISE_IPS",
    };
}

/// <summary>The line at the start.</summary>
internal sealed record AddressVerdict(string Text, bool IsWarning);
