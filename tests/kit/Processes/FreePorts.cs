using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace JitsiMesh.Kit.Processes;

/// <summary>Ports of loopback that are free at this moment, for TCP and UDP alike.</summary>
public static class FreePorts
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A port that this process has not used before, below the range for outgoing connections: one of those could take it before the service listens.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(11_000, 24_000);
            if (IsFree(port) && Given.TryAdd(port, true)) return port;
        }
    }

    /// <summary>The first of so many neighbours, below the ports that the system gives away itself.</summary>
    /// <exception cref="InvalidOperationException">None was found.</exception>
    public static int Block(int count)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var first = Random.Shared.Next(240, 310) * 100;
            if (Enumerable.Range(first, count).All(IsFree)) return first;
        }

        throw new InvalidOperationException("No block of free ports was found.");
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var tcp = new TcpListener(IPAddress.Loopback, port);
            tcp.Start();
            return IsFreeForUdp(port);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool IsFreeForUdp(int port)
    {
        try
        {
            using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
