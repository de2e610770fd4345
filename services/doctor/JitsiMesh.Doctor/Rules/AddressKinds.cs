using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Doctor.Rules;

/// <summary>From where an address is reachable.</summary>
internal enum AddressKind
{
    /// <summary>Only from this machine.</summary>
    Loopback,

    /// <summary>From a private network: RFC 1918, RFC 6598, link-local, unique local.</summary>
    Private,

    Public,
}

internal static class AddressKinds
{
    private static readonly IPNetwork[] PrivateNetworks =
    [
        IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    // The range that Docker uses first for its bridge networks.
    private static readonly IPNetwork DockerNetworks = IPNetwork.Parse("172.16.0.0/12");

    public static AddressKind Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address)) return AddressKind.Loopback;
        return PrivateNetworks.Any(n => n.Contains(address)) ? AddressKind.Private : AddressKind.Public;
    }

    /// <summary>Most likely an address of a container.</summary>
    public static bool LooksLikeContainer(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork && DockerNetworks.Contains(address);

    /// <summary>For a sentence: "loopback", "private", "private, a container's?", "public".</summary>
    public static string Describe(IPAddress address) => Of(address) switch
    {
        AddressKind.Loopback => "loopback",
        AddressKind.Private => LooksLikeContainer(address) ? "private, a container's?" : "private",
        _ => "public",
    };
}
