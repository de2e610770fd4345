using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.MediaBridge.Sockets;

/// <summary>Opens the UDP sockets for both kinds of port.</summary>
internal static class PortSocket
{
    /// <summary>The granted size. Linux returns twice the usable size (socket(7)): the other half is for its bookkeeping.</summary>
    public static SocketBuffers Buffers(Socket socket)
    {
        var own = OperatingSystem.IsLinux() ? 2 : 1;
        return new SocketBuffers(socket.ReceiveBufferSize / own, socket.SendBufferSize / own);
    }

    public static Socket Bind(IPEndPoint bind)
    {
        var socket = new Socket(bind.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (bind.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = false;
            socket.Blocking = false;
            socket.ReceiveBufferSize = PortLimits.SocketBuffer;
            socket.SendBufferSize = PortLimits.SocketBuffer;
            if (OperatingSystem.IsWindows())
            {
                // SIO_UDP_CONNRESET off: an ICMP answer to one client must not fail the next receive.
                socket.IOControl(-1744830452, [0, 0, 0, 0], null);
            }

            socket.Bind(bind);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
