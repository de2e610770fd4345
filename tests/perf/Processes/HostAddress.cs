using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace JitsiMesh.Perf.Processes;

/// <summary>
/// The address that media servers and their clients speak over: this machine's first that is not loopback, since Janus offers no candidate on
/// 127.0.0.1. Packets between two addresses of one machine do not leave it.
/// </summary>
internal static class HostAddress
{
    public static IPAddress Value { get; } = NetworkInterface.GetAllNetworkInterfaces()
        .Where(n => n.OperationalStatus == OperationalStatus.Up && n.NetworkInterfaceType != NetworkInterfaceType.Loopback && !n.Name.StartsWith("docker", StringComparison.Ordinal))
        .SelectMany(n => n.GetIPProperties().UnicastAddresses.Select(a => a.Address))
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? IPAddress.Loopback;
}
