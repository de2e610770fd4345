using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using JitsiMesh.Headless.Media;
using JitsiMesh.Primitives;

namespace JitsiMesh.Headless.Sockets;

/// <summary>
/// Runs endpoints over real UDP sockets, all on one thread of its own, so that a load test can hold hundreds. Touch an endpoint from another thread
/// only inside <see cref="Invoke"/>.
/// </summary>
public sealed class UdpEndpointRunner : IDisposable
{
    private static readonly IPEndPoint AnyEndPoint = new(IPAddress.Any, 0);
    private readonly List<(HeadlessEndpoint Endpoint, Socket Socket, TransportAddress Local)> _endpoints = [];
    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private readonly TimeSpan _maxWait;
    private readonly byte[] _buffer = new byte[2048];
    private readonly SocketAddress _from = new(AddressFamily.InterNetwork);
    private int _waiters;
    private Exception? _failure;
    private volatile bool _stopped;

    /// <param name="maxWait">How long the thread may sleep between two looks at its sockets: delay traded for processor time. 2 ms when null.</param>
    public UdpEndpointRunner(TimeSpan? maxWait = null)
    {
        _maxWait = maxWait ?? TimeSpan.FromMilliseconds(2);
        _thread = new Thread(Run) { IsBackground = true, Name = "headless endpoints" };
        _thread.Start();
    }

    public static MonotonicTime Now => new((long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)));

    /// <summary>What ended the thread, if anything did.</summary>
    public Exception? Failure => _failure;

    /// <summary>Datagrams that the system did not take: no route to the candidate, or a full socket.</summary>
    public long SendErrors { get; private set; }

    /// <summary>Sees every datagram that goes out, on the runner's thread; null for nobody.</summary>
    public Action<HeadlessEndpoint, Datagram>? Tap { get; set; }

    /// <summary>Sends bytes from an endpoint's socket past the endpoint.</summary>
    public void SendRaw(HeadlessEndpoint endpoint, ReadOnlySpan<byte> bytes, IPEndPoint destination)
    {
        lock (_gate)
        {
            var index = _endpoints.FindIndex(e => e.Endpoint == endpoint);
            if (index >= 0) _endpoints[index].Socket.SendTo(bytes, SocketFlags.None, destination);
        }
    }

    /// <summary>Opens a socket and makes an endpoint on it.</summary>
    /// <param name="options">What it sends.</param>
    /// <param name="random">For keys and SSRCs.</param>
    /// <param name="address">The local IPv4 address; loopback when null.</param>
    public HeadlessEndpoint Add(HeadlessEndpointOptions options, IRandomSource random, IPAddress? address = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = 1 << 20, SendBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        var local = TransportAddress.From((IPEndPoint)socket.LocalEndPoint!);
        var endpoint = new HeadlessEndpoint(options, random, local);
        Invoke(_ => _endpoints.Add((endpoint, socket, local)));
        return endpoint;
    }

    /// <summary>Ends an endpoint and its socket.</summary>
    public void Remove(HeadlessEndpoint endpoint) => Invoke(now =>
    {
        var index = _endpoints.FindIndex(e => e.Endpoint == endpoint);
        if (index < 0) return;
        var (found, socket, _) = _endpoints[index];
        _endpoints.RemoveAt(index);
        found.Close(now);
        Send(found, socket);
        found.Dispose();
        socket.Dispose();
    });

    /// <summary>Runs something between two rounds of the thread.</summary>
    public T Invoke<T>(Func<MonotonicTime, T> action)
    {
        Interlocked.Increment(ref _waiters);
        lock (_gate)
        {
            Interlocked.Decrement(ref _waiters);
            return action(Now);
        }
    }

    /// <inheritdoc cref="Invoke{T}"/>
    public void Invoke(Action<MonotonicTime> action) => Invoke(now =>
    {
        action(now);
        return true;
    });

    /// <summary>Waits until the condition, asked between rounds, holds; false when it did not in time.</summary>
    public async Task<bool> WaitAsync(Func<bool> condition, TimeSpan limit)
    {
        for (var end = Now + limit; Now < end;)
        {
            if (_failure is not null) throw new InvalidOperationException("The endpoints' thread failed.", _failure);
            if (Invoke(_ => condition())) return true;
            await Task.Delay(5).ConfigureAwait(false);
        }

        return Invoke(_ => condition());
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join(TimeSpan.FromSeconds(5));
        foreach (var (endpoint, socket, _) in _endpoints)
        {
            endpoint.Dispose();
            socket.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            while (!_stopped)
            {
                var next = MonotonicTime.Never;
                lock (_gate)
                {
                    foreach (var (endpoint, socket, local) in _endpoints)
                    {
                        Step(endpoint, socket, local);
                        next = MonotonicTime.Min(next, endpoint.NextTimeout);
                    }
                }

                // A busy thread must let those in who wait for the lock.
                var wait = next - Now;
                if (wait > TimeSpan.Zero) Thread.Sleep(wait < _maxWait ? TimeSpan.FromMilliseconds(1) : _maxWait);
                else if (Volatile.Read(ref _waiters) > 0) Thread.Sleep(1);
            }
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }

    private void Step(HeadlessEndpoint endpoint, Socket socket, TransportAddress local)
    {
        while (socket.Available > 0)
        {
            int length;
            try
            {
                length = socket.ReceiveFrom(_buffer, SocketFlags.None, _from);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.WouldBlock or SocketError.ConnectionRefused)
            {
                // An ICMP error of something sent before: the remote is not there (yet).
                continue;
            }

            var remote = TransportAddress.From((IPEndPoint)AnyEndPoint.Create(_from));
            endpoint.HandleDatagram(_buffer.AsSpan(0, length), local, remote, Now);
        }

        if (endpoint.NextTimeout <= Now) endpoint.HandleTimeout(Now);
        Send(endpoint, socket);
    }

    private void Send(HeadlessEndpoint endpoint, Socket socket)
    {
        while (endpoint.TryDequeueTransmit(out var datagram))
        {
            Tap?.Invoke(endpoint, datagram);
            try
            {
                socket.SendTo(datagram.Bytes.Span, SocketFlags.None, datagram.Destination.ToIPEndPoint());
            }
            catch (SocketException)
            {
                // Lost, as in a network: a full socket, or a candidate that this socket has no route to.
                SendErrors++;
            }
        }
    }
}
