using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Hosting.Connections;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Signalling.Http;

/// <summary>The address to which the limits by address count a request.</summary>
internal static class ClientAddress
{
    public static string Of(HttpContext context, SignallingOptions options)
    {
        var forwarded = options.TrustForwardedFor ? context.Request.Headers["X-Forwarded-For"].ToString() : "";

        // The last entry is the one that our own edge wrote.
        var text = forwarded.Length > 0 ? forwarded[(forwarded.LastIndexOf(',') + 1)..].Trim() : context.Connection.RemoteIpAddress?.ToString() ?? "";
        return IPAddress.TryParse(text, out var address) ? Key(address, options.TrustedNetworks) : text;
    }

    /// <summary>Of a connection over TCP, on which no proxy tells the client's address.</summary>
    public static string Of(EndPoint? remote, SignallingOptions options) => remote is IPEndPoint { Address: var address } ? Key(address, options.TrustedNetworks) : "";

    /// <summary>What stands for an address where limits by address are kept with rooms; null for a proxy, behind which many people may be.</summary>
    public static string? TagOf(string address, SignallingOptions options)
    {
        if (address.Length == 0 || (IPAddress.TryParse(address, out var parsed) && options.TrustedNetworks.Any(network => network.Contains(parsed)))) return null;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)))[..16];
    }

    /// <summary>
    /// An IPv6 client has a whole /64 of addresses and counts as one. A trusted proxy keeps its address, since the limits ask for it again; what stands
    /// for a network can be read as no address, so that it never passes for a proxy in it.
    /// </summary>
    internal static string Key(IPAddress address, IReadOnlyList<IPNetwork> trusted)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address) || trusted.Any(network => network.Contains(address))) return address.ToString();
        return "network " + ClientNetwork.Of(address);
    }
}
