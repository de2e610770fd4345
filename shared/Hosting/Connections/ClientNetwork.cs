using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Hosting.Connections;

/// <summary>The network that a limit by client address counts: an IPv6 client has a whole /64 of addresses and counts as one (RFC 4291 section 2.5.4).</summary>
public static class ClientNetwork
{
    /// <returns>The address itself for IPv4 and loopback, an IPv4-mapped address as IPv4, else the first address of the /64.</returns>
    public static IPAddress Of(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address)) return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>The network that one customer of a provider may have: an IPv6 /48 (RFC 6177), an IPv4 /24.</summary>
    /// <returns>Its first address; loopback itself.</returns>
    public static IPAddress WideOf(IPAddress address)
    {
        var one = Of(address);
        if (IPAddress.IsLoopback(one)) return one;
        var bytes = one.GetAddressBytes();
        bytes.AsSpan(bytes.Length == 4 ? 3 : 6).Clear();
        return new IPAddress(bytes);
    }
}
