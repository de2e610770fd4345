using System.Net;
using JitsiMesh.Hosting.Connections;

namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>Counts the media connections of all ports, in total and by address, and chooses the one to close for a new connection. Thread-safe.</summary>
internal sealed class TcpAdmission
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Network> _networks = [];
    private readonly LinkedList<TcpConnection> _waiting = [];
    private readonly long[] _closed = new long[Enum.GetValues<TcpCloseReason>().Length];
    private long _framesDropped;

    public int Count { get; private set; }

    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    public long Accepted { get; private set; }

    /// <summary>Frames that were dropped because the media thread or the receiver was too slow.</summary>
    public long FramesDropped => Volatile.Read(ref _framesDropped);

    public long Closed(TcpCloseReason reason) => Volatile.Read(ref _closed[(int)reason]);

    public void CountClosed(TcpCloseReason reason) => Interlocked.Increment(ref _closed[(int)reason]);

    public void CountDropped() => Interlocked.Increment(ref _framesDropped);

    /// <summary>Admits a connection, or returns the reason for closing it.</summary>
    /// <param name="connection">The new connection.</param>
    /// <param name="displaced">A connection to close for it; null for none.</param>
    public TcpCloseReason? Admit(TcpConnection connection, out TcpConnection? displaced)
    {
        displaced = null;
        var address = ClientNetwork.Of(connection.Address);
        lock (_gate)
        {
            Accepted++;
            if (Count >= IceTcpLimits.MaxConnections) return TcpCloseReason.Full;
            if (!_networks.TryGetValue(address, out var network)) _networks[address] = network = new Network();
            if (network.Count >= IceTcpLimits.MaxPerAddress) return TcpCloseReason.AddressFull;
            if (network.Waiting.Count >= IceTcpLimits.MaxWaitingPerAddress) displaced = network.Waiting.First!.Value;
            else if (_waiting.Count >= IceTcpLimits.MaxWaiting) displaced = _waiting.First!.Value;
            if (displaced is not null) StopWaiting(displaced);
            Count++;
            network.Count++;
            connection.WaitingNode = _waiting.AddLast(connection);
            connection.WaitingOfAddress = network.Waiting.AddLast(connection);
            return null;
        }
    }

    /// <summary>The connection is authenticated.</summary>
    public void Identified(TcpConnection connection)
    {
        lock (_gate) StopWaiting(connection);
    }

    /// <summary>An admitted connection ended.</summary>
    public void Release(TcpConnection connection)
    {
        var address = ClientNetwork.Of(connection.Address);
        lock (_gate)
        {
            StopWaiting(connection);
            Count--;
            if (!_networks.TryGetValue(address, out var network)) return;
            if (--network.Count == 0) _networks.Remove(address);
        }
    }

    private void StopWaiting(TcpConnection connection)
    {
        if (connection.WaitingNode is not { List: not null } node) return;
        _waiting.Remove(node);
        connection.WaitingOfAddress!.List!.Remove(connection.WaitingOfAddress);
    }

    private sealed class Network
    {
        public int Count { get; set; }

        public LinkedList<TcpConnection> Waiting { get; } = [];
    }
}
