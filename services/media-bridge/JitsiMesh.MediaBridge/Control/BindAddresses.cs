using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace JitsiMesh.MediaBridge.Control;

/// <summary>Finds the local addresses that a bridge listens on.</summary>
internal static class BindAddresses
{
    /// <summary>Further interfaces are ignored: each costs a socket and a candidate in every session.</summary>
    public const int MaxAddresses = 8;

    public static List<IPAddress> Find(MediaBridgeOptions options)
    {
        var result = new List<IPAddress>(options.BindAddresses);
        if (result.Count == 0)
        {
            foreach (var network in NetworkInterface.GetAllNetworkInterfaces())
            {
                if (network.OperationalStatus != OperationalStatus.Up || network.NetworkInterfaceType == NetworkInterfaceType.Loopback) continue;
                foreach (var address in network.GetIPProperties().UnicastAddresses)
                {
                    if (IsUsable(address.Address, options) && result.Count < MaxAddresses) result.Add(address.Address);
                }
            }
        }

        // If the loopback address is advertised (one machine, or a test) the bridge must listen on it: no NAT translates it.
        if (options.UseLoopback || result.Count == 0 || options.AdvertiseAddresses.Any(a => IPAddress.IsLoopback(a.Address))) result.Add(IPAddress.Loopback);

        // IPv4 first: it is more likely to work and gets the higher preference.
        return [.. result.Distinct().OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)];
    }

    private static bool IsUsable(IPAddress address, MediaBridgeOptions options) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !IPAddress.IsLoopback(address) && address.GetAddressBytes() is not [169, 254, ..],
        AddressFamily.InterNetworkV6 => options.UseIPv6 && !address.IsIPv6LinkLocal && !address.IsIPv6Multicast && !IPAddress.IsLoopback(address),
        _ => false,
    };
}
