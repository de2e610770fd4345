using System.Net;
using System.Net.Sockets;
using JitsiMesh.Primitives;
using JitsiMesh.Turn.Server;

namespace JitsiMesh.EdgeProxy.Turn;

/// <summary>Opens relayed addresses: any free port, on the local address from which bridges are reached.</summary>
internal sealed class RelaySockets(TurnRelay relay, BridgePeers peers, TimeProvider time) : ITurnRelays
{
    private readonly (IPAddress? Address, long At)[] _routes = new (IPAddress?, long)[2];

    public ITurnRelay? TryOpen(TurnAllocation allocation, bool isIPv6, bool isEven)
    {
        if (Route(isIPv6) is not { } address) return null;

        // The system chooses odd and even ports with equal probability.
        for (var attempt = 0; attempt < TurnHostLimits.PortAttempts; attempt++)
        {
            if (Open(isIPv6) is not { } socket) return null;
            var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            if (isEven && (port & 1) != 0)
            {
                socket.Dispose();
                continue;
            }

            var opened = new RelaySocket(relay, allocation, socket, TransportAddress.From(address, port));
            _ = opened.ReceiveAsync();
            return opened;
        }

        return null;
    }

    // Null when no port or no file descriptor is left.
    private static Socket? Open(bool isIPv6)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = TurnHostLimits.RelayBufferOctets };
            socket.Bind(new IPEndPoint(isIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
            return socket;
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }

    // Null without a bridge of the family: there would be no peer to reach.
    private IPAddress? Route(bool isIPv6)
    {
        ref var known = ref _routes[isIPv6 ? 1 : 0];
        if (known.Address is not null && time.GetElapsedTime(known.At) < TurnHostLimits.RouteTime) return known.Address;
        known = (null, time.GetTimestamp());
        if (peers.FirstOf(isIPv6) is not { } peer) return null;
        try
        {
            using var probe = new Socket(isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(peer.ToIPEndPoint());
            known.Address = ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            // No route to the bridge.
        }

        return known.Address;
    }
}
