using System.Globalization;
using System.Net;

namespace JitsiMesh.Kit.Processes;

/// <summary>A socket on which a process waits for others.</summary>
/// <param name="ProcessId">The process that has it open.</param>
/// <param name="Protocol">tcp or udp.</param>
/// <param name="Local">Where it listens.</param>
public sealed record ListeningSocket(int ProcessId, string Protocol, IPEndPoint Local)
{
    /// <summary>Whether other machines can reach it, apart from firewalls.</summary>
    public bool IsOutside => !IPAddress.IsLoopback(Local.Address.IsIPv4MappedToIPv6 ? Local.Address.MapToIPv4() : Local.Address);
}

/// <summary>The listening sockets of processes according to the kernel (/proc).</summary>
public static class ListeningSockets
{
    // The states in /proc/net/tcp and udp: LISTEN, and an unconnected datagram socket.
    private const string TcpListen = "0A";
    private const string UdpUnconnected = "07";

    /// <summary>The sockets of the processes and all their children; of the port mapper, which detaches itself, those on the given ports.</summary>
    public static IReadOnlyList<ListeningSocket> Of(IEnumerable<int> processes, IReadOnlyCollection<int> portsOfDetached)
    {
        ArgumentNullException.ThrowIfNull(processes);
        ArgumentNullException.ThrowIfNull(portsOfDetached);
        var wanted = WithChildren(processes);
        var byInode = AllSockets().ToLookup(socket => socket.Inode);
        var found = new List<ListeningSocket>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            foreach (var inode in Inodes(folder))
            {
                foreach (var socket in byInode[inode])
                {
                    if (wanted.Contains(id) || portsOfDetached.Contains(socket.Local.Port)) found.Add(new ListeningSocket(id, socket.Protocol, socket.Local));
                }
            }
        }

        return [.. found.Distinct().OrderBy(socket => socket.Local.Port).ThenBy(socket => socket.Local.ToString(), StringComparer.Ordinal)];
    }

    private static IEnumerable<(string Protocol, IPEndPoint Local, string Inode)> AllSockets()
    {
        foreach (var (file, protocol, state) in new[] { ("tcp", "tcp", TcpListen), ("tcp6", "tcp", TcpListen), ("udp", "udp", UdpUnconnected), ("udp6", "udp", UdpUnconnected) })
        {
            if (!File.Exists("/proc/net/" + file)) continue;
            foreach (var line in File.ReadLines("/proc/net/" + file).Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[3] == state) yield return (protocol, EndPoint(fields[1]), fields[9]);
            }
        }
    }

    // Addresses are 32 bit words in the machine's byte order.
    private static IPEndPoint EndPoint(string text)
    {
        var parts = text.Split(':');
        var bytes = Convert.FromHexString(parts[0]);
        if (BitConverter.IsLittleEndian)
        {
            for (var i = 0; i < bytes.Length; i += 4) Array.Reverse(bytes, i, 4);
        }

        return new IPEndPoint(new IPAddress(bytes), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static HashSet<int> WithChildren(IEnumerable<int> processes)
    {
        var parents = new List<(int Id, int Parent)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                // The name before it may contain anything but ends with the last parenthesis.
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                parents.Add((id, int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)));
            }
            catch (IOException)
            {
                // The process ended in the meantime.
            }
        }

        var all = processes.ToHashSet();
        for (var grew = true; grew;)
        {
            grew = false;
            foreach (var (id, parent) in parents) grew |= all.Contains(parent) && all.Add(id);
        }

        return all;
    }

    private static IEnumerable<string> Inodes(string folder)
    {
        string[] files;
        try
        {
            files = Directory.GetFiles(Path.Combine(folder, "fd"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var file in files)
        {
            string? target = null;
            try
            {
                target = File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The descriptor was closed in the meantime.
            }

            if (target is not null && target.StartsWith("socket:[", StringComparison.Ordinal)) yield return target[8..^1];
        }
    }
}
