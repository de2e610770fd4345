using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Hosting.Tests.Programs;

internal static class Ports
{
    /// <summary>A TCP port of loopback that is free at this moment, above 10000.</summary>
    public static int Free()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (port > 10000) return port;
        }
    }
}
