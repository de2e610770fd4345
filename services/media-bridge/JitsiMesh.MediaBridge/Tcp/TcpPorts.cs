using System.Globalization;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.MediaBridge.Sockets;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>Opens the TCP port on each address that has a UDP port.</summary>
internal static partial class TcpPorts
{
    /// <exception cref="SettingsException">The port is in use, or no address can be bound; the UDP ports are closed then.</exception>
    public static List<IDatagramPort> Open(MediaBridgeOptions options, IReadOnlyList<IDatagramPort> udp, TcpAdmission admission, TimeProvider time, ILogger logger)
    {
        var opened = new List<IDatagramPort>();
        var number = options.TcpPort ?? 0;
        SocketException? last = null;
        foreach (var port in udp)
        {
            try
            {
                var tcp = new TcpMediaPort(new IPEndPoint(port.Local.ToIPAddress(), number), admission, time);
                opened.Add(tcp);
                number = tcp.Local.Port;
            }
            catch (SocketException e)
            {
                last = e;
                LogBindFailed(logger, number, e.SocketErrorCode);
                if (e.SocketErrorCode == SocketError.AddressAlreadyInUse) break;
            }
        }

        if (opened.Count > 0 && last?.SocketErrorCode != SocketError.AddressAlreadyInUse) return opened;
        foreach (var port in opened.Concat(udp)) port.Dispose();
        throw new SettingsException([string.Create(CultureInfo.InvariantCulture, $"JVB_TCP_PORT: TCP port {options.TcpPort} cannot be opened: {last?.Message}")]);
    }

    [LoggerMessage(EventId = 30, Level = LogLevel.Warning, Message = "TCP port {Port} could not be opened on one local address: {Error}")]
    private static partial void LogBindFailed(ILogger logger, int port, SocketError error);
}
