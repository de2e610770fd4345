using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.MediaBridge.Conferences;
using JitsiMesh.MediaBridge.Conferences.Endpoints;
using JitsiMesh.MediaBridge.Sockets;
using JitsiMesh.Primitives;

namespace JitsiMesh.MediaBridge.Tcp;

/// <summary>
/// One listening TCP address as a port of datagrams for the media thread. Accepting, framing and writing run on the thread pool; the media thread takes whole frames out of a
/// ring and puts whole frames into the queues of connections.
/// </summary>
internal sealed class TcpMediaPort : IConnectedPort
{
    private readonly Socket _listener;
    private readonly TcpAdmission _admission;
    private readonly TimeProvider _time;
    private readonly ArrivedFrames _arrived = new();
    private readonly ConcurrentDictionary<TcpConnection, bool> _connections = new();
    private readonly ConcurrentQueue<TcpConnection> _closed = new();
    private readonly CancellationTokenSource _stop = new();

    // Used only by the media thread.
    private readonly Dictionary<TransportAddress, TcpConnection> _byRemote = [];
    private readonly List<TcpConnection> _dirty = [];
    private readonly byte[] _rented = GC.AllocateArray<byte>(PortLimits.BufferSize, pinned: true);
    private ITimer? _sweeps;
    private volatile bool _disposed;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public TcpMediaPort(IPEndPoint bind, TcpAdmission admission, TimeProvider time)
    {
        _admission = admission;
        _time = time;
        _listener = new Socket(bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (bind.AddressFamily == AddressFamily.InterNetworkV6) _listener.DualMode = false;

            // A restart must not wait for the kernel to forget earlier connections. (On Windows the option would share the port with other processes.)
            if (!OperatingSystem.IsWindows()) _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _listener.Bind(bind);
            _listener.Listen(IceTcpLimits.Backlog);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }

        Local = TransportAddress.From((IPEndPoint)_listener.LocalEndPoint!) with { IsTcp = true };
    }

    public TransportAddress Local { get; }

    public PortCounters Counters { get; } = new();

    public SocketBuffers Buffers => new(PortLimits.SocketBuffer, IceTcpLimits.SocketSendBuffer);

    public Action? Wake { get; set; }

    public bool HasArrived => _arrived.HasMore || !_closed.IsEmpty;

    /// <summary>Milliseconds of a monotonic clock.</summary>
    public long Now => _time.GetTimestamp() * 1000 / _time.TimestampFrequency;

    public TcpAdmission Admission => _admission;

    /// <summary>Starts to accept, after the loop has set <see cref="Wake"/>.</summary>
    public void Start()
    {
        _sweeps = _time.CreateTimer(_ => Sweep(), null, IceTcpLimits.SweepInterval, IceTcpLimits.SweepInterval);
        _ = Task.Run(AcceptAsync);
    }

    public int Receive()
    {
        var count = _arrived.Take();
        if (count == 0) return 0;
        Counters.ReceiveCalls++;
        Counters.DatagramsReceived += count;
        return count;
    }

    public Span<byte> Received(int index, out TransportAddress remote)
    {
        var frame = _arrived.Frame(index, out var connection);
        remote = connection.Remote;
        Counters.BytesReceived += frame.Length;
        if (!connection.IsKnown)
        {
            connection.IsKnown = true;
            _byRemote[remote] = connection;
        }

        return frame;
    }

    public TimeSpan Waited(int index) => _arrived.Waited(index);

    public void Identify(int index, BridgeShard shard)
    {
        var connection = _arrived.Connection(index);
        if (connection.Owner is not null || connection.IsClosed) return;

        // Only an authentic check maps the address to an endpoint.
        if (shard.FindByAddress(connection.Remote) is not { } owner) connection.Close(TcpCloseReason.UnknownCheck);
        else if (CountOf(owner) >= IceTcpLimits.MaxPerEndpoint) connection.Close(TcpCloseReason.EndpointFull);
        else
        {
            connection.Identify(owner);
            _admission.Identified(connection);
        }
    }

    public void Release(BridgeEndpoint owner)
    {
        // The close_notify that was just queued must still be sent: the next sweep closes the connection.
        foreach (var connection in _byRemote.Values)
        {
            if (connection.Owner == owner) connection.IsOver = true;
        }
    }

    public bool TryTakeClosed(out TransportAddress remote)
    {
        while (_closed.TryDequeue(out var connection))
        {
            remote = connection.Remote;
            if (!connection.IsKnown) continue;

            // A later connection from the same port may have replaced it.
            if (!_byRemote.TryGetValue(remote, out var known) || known != connection) continue;
            _byRemote.Remove(remote);
            return true;
        }

        remote = default;
        return false;
    }

    public Span<byte> Rent() => _rented;

    public void Commit(int length, in TransportAddress remote)
    {
        if (!_byRemote.TryGetValue(remote, out var connection) || !connection.TrySend(_rented.AsSpan(0, length)))
        {
            Counters.SendDropped++;
            _admission.CountDropped();
            return;
        }

        Counters.DatagramsSent++;
        Counters.BytesSent += length;
        if (connection.IsDirty) return;
        connection.IsDirty = true;
        _dirty.Add(connection);
    }

    public void Flush()
    {
        if (_dirty.Count == 0) return;
        foreach (var connection in _dirty)
        {
            connection.IsDirty = false;
            Counters.SendCalls++;
            connection.Kick();
        }

        _dirty.Clear();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _stop.Cancel();
        _sweeps?.Dispose();
        _listener.Dispose();
        foreach (var (connection, _) in _connections) connection.Dispose();
        _stop.Dispose();
    }

    /// <summary>A frame arrived. Called from the connection's thread.</summary>
    public void Arrived(TcpConnection connection, ReadOnlySpan<byte> frame)
    {
        connection.HasDelivered = true;
        if (_arrived.TryAdd(connection, frame)) Wake?.Invoke();
        else _admission.CountDropped();
    }

    /// <summary>Called from any thread, once for each connection.</summary>
    public void OnClosed(TcpConnection connection)
    {
        if (!_connections.TryRemove(connection, out _)) return;
        _admission.Release(connection);

        // The media thread need not know of a connection that never sent a check.
        if (!connection.HasDelivered) return;
        _closed.Enqueue(connection);
        Wake?.Invoke();
    }

    private int CountOf(BridgeEndpoint owner)
    {
        var count = 0;
        foreach (var connection in _byRemote.Values)
        {
            if (connection.Owner == owner && !connection.IsClosed) count++;
        }

        return count;
    }

    private async Task AcceptAsync()
    {
        var stopping = _stop.Token;
        while (!_disposed)
        {
            try
            {
                Take(await _listener.AcceptAsync(stopping).ConfigureAwait(false));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A connection that was already closed, or no descriptors left: the other clients must not wait forever.
                await Task.Delay(IceTcpLimits.AcceptPause, _time).ConfigureAwait(false);
            }
        }
    }

    private void Take(Socket socket)
    {
        if (RemoteOf(socket) is not { } remote)
        {
            socket.Dispose();
            return;
        }

        var connection = new TcpConnection(socket, remote, this, Now);

        // Add to the list first: once it is admitted, an accept of another port may displace it.
        _connections[connection] = true;
        if (_admission.Admit(connection, out var displaced) is { } refused)
        {
            _connections.TryRemove(connection, out _);
            connection.Close(refused);
            return;
        }

        displaced?.Close(TcpCloseReason.Displaced);
        try
        {
            connection.Start();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            connection.Close(TcpCloseReason.Remote);
        }
    }

    /// <summary>Null when the connection was already closed.</summary>
    private static IPEndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return (IPEndPoint?)socket.RemoteEndPoint;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private void Sweep()
    {
        var now = Now;
        foreach (var (connection, _) in _connections)
        {
            if (connection.Owner is null)
            {
                if (now - connection.OpenedAt > IceTcpLimits.IdentifyWithin.TotalMilliseconds) connection.Close(TcpCloseReason.Unidentified);
            }
            else if (connection.IsOver) connection.Close(TcpCloseReason.EndpointEnded);
            else if (now - connection.LastHeard > IceTcpLimits.Silence.TotalMilliseconds) connection.Close(TcpCloseReason.Silent);
            else if (connection.WriteBegan is var began && began != 0 && now - began > IceTcpLimits.Stall.TotalMilliseconds) connection.Close(TcpCloseReason.Stalled);
        }
    }
}
